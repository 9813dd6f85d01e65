import { z } from 'zod';
import { type Compression, compressionSchema } from '../model/run.ts';
import { bytesSchema, countSchema, intervalSchema, sha256Schema } from '../model/values.ts';
import type { ObjectStore } from './object-store.ts';

/** An artefact of a backup: its path under `backups/{backupId}/`, and what verifies it. */
export const artefactSchema = z.object({ path: z.string().min(1), bytes: bytesSchema, sha256: sha256Schema });
export type Artefact = z.infer<typeof artefactSchema>;

/** One table as the dump carries it and as the server counted it inside the dump's snapshot. */
export const tableCountSchema = z.object({
  schema: z.string(),
  table: z.string(),
  /** Rows that passed by in the dump. */
  rows: countSchema,
  /** Rows by `SELECT count(*)` in the same snapshot. */
  sourceRows: countSchema,
});
export type TableCount = z.infer<typeof tableCountSchema>;

/** A part of the dump: `bytes` and `sha256` are of the stored, compressed object. */
export const dumpPartSchema = artefactSchema.extend({
  compression: compressionSchema,
  uncompressedBytes: bytesSchema,
  uncompressedSha256: sha256Schema,
});
export type DumpPart = z.infer<typeof dumpPartSchema>;

/** Tables whose rows every backup with a database carries: certificate and folder restores need them. */
export const libraryTables = [
  'Company',
  'DLFolder',
  'DLFileEntry',
  'DLFileVersion',
  'Image',
  'Release_',
] as const;
export const libraryTableSchema = z.enum(libraryTables);
export type LibraryTable = z.infer<typeof libraryTableSchema>;

export const libraryRowsSchema = artefactSchema.extend({ table: libraryTableSchema, rows: countSchema });
export type LibraryRows = z.infer<typeof libraryRowsSchema>;

/** What a dump found and wrote; part of the manifest. Paths are relative to `backups/{backupId}/`. */
export const databaseDumpSchema = z.object({
  engine: z.enum(['postgresql', 'mysql']),
  /** Such as `15.18`. */
  serverVersion: z.string(),
  /** What the tool says of itself: `pg_dump (PostgreSQL) 15.18 (Debian …)`. */
  tool: z.string(),
  database: z.string(),
  encoding: z.string(),
  collation: z.string(),
  characterType: z.string(),
  schemas: z.array(z.string()),
  /** By the database server's clock: when the snapshot that everything here was read from was taken. */
  snapshotTime: intervalSchema,
  parts: z.array(dumpPartSchema).min(1),
  /** Every table with its row counts, as JSON lines of {@link tableCountSchema}, sorted by schema and table. */
  tables: artefactSchema.extend({ count: countSchema, rows: countSchema, sourceRows: countSchema }),
  sequences: countSchema,
  largeObjects: z.object({ count: countSchema, sourceCount: countSchema }),
  libraryRows: z.array(libraryRowsSchema),
  /** Portal build number from `Release_` where `servletContextName` is `portal`, if there is such a row. */
  liferayBuild: countSchema.optional(),
  /** Uncompressed size of all parts. */
  bytes: bytesSchema,
  storedBytes: bytesSchema,
});
export type DatabaseDump = z.infer<typeof databaseDumpSchema>;

/** A connection with its secret resolved. Lives in memory only, for as long as the work lasts. */
export interface OpenConnection {
  /** Host, port, user and database; without a password. */
  readonly url: string;
  readonly password: string | undefined;
}

export interface DumpRequest {
  readonly connection: OpenConnection;
  /** The backup location, and where under it `backups/{backupId}/` begins: `retail/prd/backups/{backupId}/`. */
  readonly store: ObjectStore;
  readonly backupPrefix: string;
  /** Folder of this attempt's database artefacts, relative to `backupPrefix`: `attempts/1/database/`. */
  readonly folder: string;
  readonly compression: Compression;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: {
    readonly processedBytes: number;
    readonly expectedBytes?: number;
  }) => void;
}

/** What a load left in the target, counted there afterwards. */
export const databaseLoadSchema = z.object({
  database: z.string(),
  serverVersion: z.string(),
  tables: countSchema,
  rows: countSchema,
  largeObjects: countSchema,
  sequences: countSchema,
  /** Tables whose count differs from the backup's, first 100. Empty in a good restore. */
  differences: z.array(
    z.object({ schema: z.string(), table: z.string(), expected: countSchema, found: countSchema }),
  ),
});
export type DatabaseLoad = z.infer<typeof databaseLoadSchema>;

export interface LoadRequest {
  /** Host, user and the NAME of the database to be created: it need not exist. */
  readonly connection: OpenConnection;
  readonly store: ObjectStore;
  readonly backupPrefix: string;
  readonly dump: DatabaseDump;
  /** Marks the new database as this run's own, so that a repeated load may drop and redo it, and nothing else. */
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onProgress: DumpRequest['onProgress'];
}

export interface DatabaseFacts {
  readonly serverVersion: string;
  readonly database: string;
  /** Bytes on the server. */
  readonly bytes: number;
  readonly schemas: readonly string[];
  readonly tables: number;
}

/** `absent` and `empty` can be restored into; `ownedByRun` is what an earlier try of the same run left. */
export type TargetState = 'absent' | 'empty' | 'ownedByRun' | 'occupied';

/** Streams databases of one kind out of and into a server with that kind's own tools. One implementation per engine. */
export interface DatabaseEngine {
  readonly engine: 'postgresql' | 'mysql';
  /** A short look: can we get in, what is there, is a fitting tool to be had? @throws LcbError saying what to do. */
  inspect(connection: OpenConnection): Promise<DatabaseFacts>;
  /**
   * Dumps everything of the environment from one snapshot: server → tool → compress → hash → store. Flat memory.
   * Whatever goes wrong, no part stays behind, and the error carries the tool's own last lines.
   */
  dump(request: DumpRequest): Promise<DatabaseDump>;
  targetState(connection: OpenConnection, runId: string): Promise<TargetState>;
  /** Creates the database and loads the dump into it. Refuses a target that is `occupied`. Safe to repeat. */
  load(request: LoadRequest): Promise<DatabaseLoad>;
  /** Removes a database that carries this run's mark; does nothing to any other. */
  dropTarget(connection: OpenConnection, runId: string): Promise<void>;
}
