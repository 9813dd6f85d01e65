import { z } from 'zod';
import { databaseSelectionSchema } from './database-selection.ts';
import { hooksSchema } from './hook.ts';
import { environmentNameSchema, environmentRefSchema, projectIdSchema } from './ids.ts';
import { retentionSchema, timeZoneSchema } from './retention.ts';
import { environmentSearchSchema } from './search.ts';
import { secretRefSchema, urlWithoutPassword } from './secret-ref.ts';

export const projectSchema = z.object({ projectId: projectIdSchema, name: z.string().max(200).optional() });
/** A tenant: owns environments, backups and an audit chain of its own. */
export type Project = z.infer<typeof projectSchema>;

/** Where a database is and how to get in. The URL names host, port, database and user. */
export const databaseConnectionSchema = z.object({
  engine: z.enum(['postgresql', 'mysql']),
  url: urlWithoutPassword,
  /** The password, by reference. Absent where the server trusts the connection. */
  secret: secretRefSchema.optional(),
});
export type DatabaseConnection = z.infer<typeof databaseConnectionSchema>;

/** The database that a connection's URL names. */
export function databaseName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** `file:///srv/liferay/data/document_library`; other schemes by provider. Always without a trailing slash. */
export const storeLocationSchema = z
  .string()
  .regex(/^[a-z][a-z0-9+.-]*:\/\/.+/, 'must be a URL such as file:///srv/backups')
  .transform((location) => location.replace(/([^/:])\/+$/, '$1'));

/** How many readers dump a database at a time; 1: one stream. Each is a connection to the server, beside one for them all. */
export const dumpWorkersSchema = z.number().int().min(1).max(16);

/** For how many seconds a dump of MySQL may keep everybody from writing, so that its readers begin at one moment; 0: never, by one stream. */
export const dumpLockSecondsSchema = z.number().int().min(0).max(60);

export const environmentDatabaseSchema = databaseConnectionSchema.extend({
  /** Tables, in any case and quoting, without which a dump is no Liferay database. Empty for another application. */
  expectedTables: z.array(z.string().min(1)).default(['DLFileEntry']),
  ...databaseSelectionSchema.shape,
  workers: dumpWorkersSchema.optional(),
  lockSeconds: dumpLockSecondsSchema.optional(),
});

/** What an environment runs; build numbers as in `Release_`, such as 7413. */
export const liferaySchema = z.object({
  /** The Liferay that runs there: it does not start on a database of a newer one. */
  build: z.number().int().positive().optional(),
  /** The oldest database that it takes: what it can upgrade from. */
  minimumBuild: z.number().int().positive().optional(),
});

export const environmentSchema = z.object({
  projectId: projectIdSchema,
  environment: environmentNameSchema,
  database: environmentDatabaseSchema.optional(),
  documentLibrary: z
    .object({
      location: storeLocationSchema,
      /** Leave out `{companyId}/0/document_preview|document_thumbnail|adaptive/` and nothing else. */
      excludeGeneratedFiles: z.boolean().default(false),
    })
    .optional(),
  liferay: liferaySchema.optional(),
  /** Where its backups are written: must not lie inside the library, nor the library inside it. */
  backups: z.object({ location: storeLocationSchema }),
  /** Which of its backups are kept; all of them where it says nothing. */
  retention: retentionSchema.optional(),
  /** Whose days, weeks and months the rules count; UTC where it says nothing. */
  timeZone: timeZoneSchema.optional(),
  /** Its indices in a search cluster. Backed up only where the unit is asked for. */
  search: environmentSearchSchema.optional(),
  /** How it is asked to stop changing, to go on, to reindex, to switch. */
  hooks: hooksSchema.optional(),
});
/** What is backed up: where its data is and where its backups go. */
export type Environment = z.infer<typeof environmentSchema>;

export function environmentRef(environment: EnvironmentLike) {
  return environmentRefSchema.parse({
    projectId: environment.projectId,
    environment: environment.environment,
  });
}
interface EnvironmentLike {
  readonly projectId: string;
  readonly environment: string;
}
