import {
  defaultGraceSeconds,
  durationSchema,
  environmentDatabaseSchema,
  environmentNameSchema,
  liferaySchema,
  projectIdSchema,
  retentionSchema,
  secretRefSchema,
  storeSettingsSchema,
  timeZoneSchema,
  validationSettingsSchema,
} from '@lcb/core';
import { localSettingsSchema } from '@lcb/functions-local/settings';
import { z } from 'zod';
import { egressSchema, hooksSchema } from './hooks-schema.ts';
import { searchSchema } from './search-schema.ts';
import { databaseUrlProblem, locationProblem, urlShapes } from './values.ts';

const location = z.string().superRefine((value, context) => {
  const problem = locationProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

function postgresUrl(ifNoUrl: string, whereTo: string) {
  return z.string().superRefine((value, context) => {
    const problem = databaseUrlProblem('postgresql', value, ifNoUrl, whereTo);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
}

const passwordPlace = 'in `secret`, as env:NAME or file:path';
const urlShape = urlShapes.postgresql;
const urlField = postgresUrl(`must look like ${urlShape}`, passwordPlace).describe(
  `${urlShape}, without the password.`,
);

const secret = secretRefSchema
  .describe(
    'The password by reference: env:NAME, or file:path relative to this file. Never the password itself.',
  )
  .optional();

const selection = environmentDatabaseSchema.shape;

const databaseSchema = z
  .strictObject({
    engine: z
      .enum(['postgresql', 'mysql'])
      .describe('Kind of the database server: postgresql, or mysql for MySQL and MariaDB.'),
    url: z.string().describe(`${urlShapes.postgresql} or ${urlShapes.mysql}, without the password.`),
    secret,
    expectedTables: environmentDatabaseSchema.shape.expectedTables.describe(
      'Tables without which a dump is no Liferay database. Leave out for Liferay; an empty list for another application.',
    ),
    schemas: selection.schemas.describe(
      'Schemas to dump (mysql: databases beside that of the URL), by name or by a pattern with *. Leave out for all of the environment.',
    ),
    ignoreSchemas: selection.ignoreSchemas.describe(
      'Schemas (mysql: databases) to leave out, by name or by a pattern with *.',
    ),
    withoutData: selection.withoutData.describe(
      'Tables of which only the definition is dumped, by name or by a pattern with *, in any case: Table or schema.Table.',
    ),
    workers: selection.workers.describe(
      'How many readers dump the database at a time, 1 to 16. One for each core, at most 4, by default; 1: one stream.',
    ),
    lockSeconds: selection.lockSeconds.describe(
      'For how many seconds, 0 to 60, everybody may be kept from writing while the readers of a dump begin (mysql). 3 by default; 0: never, by one stream.',
    ),
  })
  .superRefine(({ engine, url, lockSeconds }, context) => {
    if (engine !== 'mysql' && lockSeconds !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['lockSeconds'],
        message: 'is for mysql: PostgreSQL needs no lock',
      });
    const problem = databaseUrlProblem(engine, url, `must look like ${urlShapes[engine]}`, passwordPlace);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  })
  .describe('The database to back up.');

const libraryLocation = location.describe(
  'Folder or bucket of the document library: a path, relative to this file, or a URL such as file:///srv/liferay/data/document_library or s3://bucket/prefix.',
);

const librarySchema = z
  .union([
    libraryLocation,
    z.strictObject({
      location: libraryLocation,
      excludeGeneratedFiles: z
        .boolean()
        .default(false)
        .describe('Leave out previews, thumbnails and adaptive media, which Liferay makes again.'),
    }),
  ])
  .describe(
    'The document library to back up: its folder, or an object with location and excludeGeneratedFiles.',
  );

const rules = retentionSchema.shape;
const retentionFields = z
  .strictObject({
    keepLast: rules.keepLast.describe('The newest so many backups.'),
    keepDaily: rules.keepDaily.describe('The newest backup of each of so many days that have one.'),
    keepWeekly: rules.keepWeekly.describe('The newest backup of each of so many weeks that have one.'),
    keepMonthly: rules.keepMonthly.describe('The newest backup of each of so many months that have one.'),
    keepFor: durationSchema
      .optional()
      .describe('Every backup that is younger: hours, days or weeks, such as 12h, 7d or 4w.'),
  })
  .refine(
    (fields) => Object.values(fields).some((rule) => rule !== undefined),
    'names no rule: nothing would be kept',
  )
  .describe(
    'Which backups are kept: what any rule keeps. What none keeps is deleted by `lcb backup expire`.',
  );

const environmentSchema = z
  .strictObject({
    database: databaseSchema.optional(),
    library: librarySchema.optional(),
    liferay: z
      .strictObject({
        build: liferaySchema.shape.build.describe(
          'Build number of the Liferay that runs here, such as 7413: a backup of a newer one is not restored into it.',
        ),
        minimumBuild: liferaySchema.shape.minimumBuild.describe(
          'Build number of the oldest database that it can upgrade from: an older backup is not restored into it.',
        ),
      })
      .optional()
      .describe('Which Liferay runs here, to refuse backups that it does not start on.'),
    backups: location.describe(
      'Folder or bucket that backups are written to: a path, relative to this file, or a URL such as file:///srv/backups or s3://bucket/prefix. Not inside the library.',
    ),
    retention: retentionFields.optional(),
    timeZone: timeZoneSchema
      .optional()
      .describe('Whose days, weeks and months retention counts, such as Europe/Berlin. UTC by default.'),
    search: searchSchema.optional(),
    hooks: hooksSchema.optional(),
  })
  .describe('An environment: what is backed up, and where its backups go.');

const catalogSchema = z
  .union([
    z.literal('embedded'),
    postgresUrl(`must be embedded, or look like ${urlShape}`, 'as an object with url and secret'),
    z.strictObject({ url: urlField, secret }),
  ])
  .default('embedded')
  .describe(
    'Where the catalog is kept: embedded, or a PostgreSQL database by its URL or by an object with url and secret.',
  );

const store = storeSettingsSchema.shape;
const storesSchema = z
  .array(
    z.strictObject({
      location: store.location.describe(
        's3://bucket or s3://bucket/prefix: this entry counts for it and for all that lies below. The longest one that fits counts.',
      ),
      endpoint: store.endpoint.describe(
        'URL of the server, such as https://s3.example.com. Leave out for Amazon S3.',
      ),
      region: store.region.describe(
        'Region of the bucket. Leave out for the one that the AWS tools are set up for.',
      ),
      pathStyle: store.pathStyle.describe(
        "Name the bucket in the path instead of in the host's name. true by default where there is an endpoint.",
      ),
      accessKeyId: store.accessKeyId.describe(
        'Access key id by reference: env:NAME or file:path. Leave out, with the secret key, for the default credentials of the AWS tools.',
      ),
      secretAccessKey: store.secretAccessKey.describe(
        'Secret access key by reference: env:NAME or file:path.',
      ),
      sessionToken: store.sessionToken.describe('Session token of temporary credentials, by reference.'),
      multipartThreshold: store.multipartThreshold.describe(
        'Bytes. What is larger is written in parts. 8 MiB by default.',
      ),
      partSize: store.partSize.describe('Bytes of the first parts, at least 5 MiB. 8 MiB by default.'),
      requestsAtOnce: store.requestsAtOnce.describe(
        'Requests to the server at once, at most (64): fewer where it asks to slow down, or more bring nothing.',
      ),
    }),
  )
  .default([])
  .describe('How buckets are reached: endpoint, region and credentials, by location.');

const limits = localSettingsSchema.shape.limits.shape;
const limitFields: typeof limits = {
  total: limits.total.describe('Runs at once, in total.'),
  perProject: limits.perProject.describe('Runs at once, of one project.'),
  copyConcurrency: limits.copyConcurrency.describe('Objects copied at once by one shard of a library.'),
  uploadBytes: limits.uploadBytes.describe(
    'Bytes of memory for what is on its way to buckets, of all runs together. Many small objects are written at once, or few parts of large ones.',
  ),
  leaseSeconds: limits.leaseSeconds.describe(
    'Seconds after which a run of a process that died is taken over.',
  ),
  stepSeconds: limits.stepSeconds.describe('Seconds after which a copying step hands on to the next one.'),
  shardObjects: limits.shardObjects.describe(
    'Objects that one shard of a library copies, at most; one that needs no copy counts a tenth.',
  ),
  shardBytes: limits.shardBytes.describe('Bytes to copy in one shard of a library, at most.'),
  shardsAtOnce: limits.shardsAtOnce.describe('Shards of one run that are worked on side by side.'),
};

const validation = validationSettingsSchema.shape;
const validationFields: typeof validation = {
  dumpSizeFactor: validation.dumpSizeFactor.describe(
    'A dump that is this many times larger or smaller than the last ones is warned of.',
  ),
  libraryThreshold: validation.libraryThreshold.describe(
    'Part of the library (0.01 is 1 %) that may differ from the source, beyond what came and went meanwhile, without failing the backup.',
  ),
};

/** What lcb.yaml may say. Descriptions are shown by editors, and by errors about a missing field. */
export const configSchema = z
  .strictObject({
    provider: z.literal('local').default('local').describe('Where this service runs: local is this machine.'),
    stateDirectory: z
      .string()
      .min(1, 'must name a folder')
      .default('.lcb')
      .describe(
        'Folder for what the service keeps on this machine, relative to this file: embedded catalog, keys, jobs.',
      ),
    catalog: catalogSchema,
    stores: storesSchema,
    limits: z.strictObject(limitFields).prefault({}).describe('How much is done at once, and for how long.'),
    egress: egressSchema,
    validation: z
      .strictObject(validationFields)
      .prefault({})
      .describe('What the checks of a new backup take for normal.'),
    deletion: z
      .strictObject({
        graceSeconds: z
          .number()
          .int()
          .nonnegative()
          .default(defaultGraceSeconds)
          .describe('Seconds in which a deleted backup can be undeleted (a week).'),
      })
      .prefault({})
      .describe('How backups are deleted.'),
    projects: z
      .record(
        projectIdSchema,
        z
          .strictObject({
            environments: z
              .record(environmentNameSchema, environmentSchema)
              .describe('The environments of the project, by name.'),
          })
          .describe('A project: a tenant with its environments.'),
      )
      .describe('The projects, by name.'),
  })
  .describe('Configuration of lcb, the backup and restore service for Liferay.');

export type Config = z.infer<typeof configSchema>;
export type EnvironmentConfig = z.infer<typeof environmentSchema>;
