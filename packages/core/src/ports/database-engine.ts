import { z } from 'zod';
import type { DatabaseSelection } from '../model/database-selection.ts';
import { settingLeftOutReasonSchema } from '../model/restore-result.ts';
import { type Compression, compressionSchema } from '../model/run.ts';
import type { SqlScript } from '../model/sql-script.ts';
import { bytesSchema, countSchema, type Interval, intervalSchema, sha256Schema } from '../model/values.ts';
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
  /** Rows by `SELECT count(*)` in the same snapshot, or in one close to it (`moment` of the dump). */
  sourceRows: countSchema,
  /** Only the definition is in the dump, as the selection asked; both counts are 0. */
  withoutData: z.literal(true).optional(),
  /** The table's storage engine has no snapshots: rows written during the dump may be in it or not. */
  nonTransactional: z.literal(true).optional(),
});
export type TableCount = z.infer<typeof tableCountSchema>;

/** A part of the dump: `bytes` and `sha256` are of the stored, compressed object. */
export const dumpPartSchema = artefactSchema.extend({
  compression: compressionSchema,
  /** The database that it is of and is loaded into, where a dump has several (MySQL). */
  schema: z.string().optional(),
  /** Holds scheduled events alone, which are loaded last: they must not fire in a copy that is being made. */
  events: z.literal(true).optional(),
  /**
   * Of a dump that was made by several readers: parts of `data` may be loaded side by side, once all of
   * `preData` is there; `postData` after them. In the order of the list they are one script all the same. Absent in a dump of one part.
   */
  section: z.enum(['preData', 'data', 'postData']).optional(),
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

/** What `CREATE DATABASE` takes with every provider. The server needs both categories even where ICU does the sorting. */
const localeFields = {
  /** As PostgreSQL names it: `UTF8`. */
  encoding: z.string(),
  /** `LC_COLLATE`, as the source's operating system names it: `en_US.UTF-8`. */
  collate: z.string(),
  /** `LC_CTYPE` */
  characterType: z.string(),
  /**
   * Version of the provider's rules at the source (`2.36` of glibc, `153.14` of ICU), to explain another order of rows
   * after a restore elsewhere. Nothing is created with it. Absent before PostgreSQL 15, and for rules that never change.
   */
  version: z.string().optional(),
};

/**
 * By what rules a database compares, sorts and changes the case of text; a restored one is created with the same.
 * `provider` says who has the rules: the C library, ICU (PostgreSQL 15 and newer), or PostgreSQL itself (17 and newer).
 */
export const postgresqlLocaleSchema = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('libc'), ...localeFields }),
  z.object({
    provider: z.literal('icu'),
    ...localeFields,
    /** `ICU_LOCALE`: `de-AT`, `und-u-ks-level2`. */
    name: z.string(),
    /** `ICU_RULES`: rules of the database's own, added to the locale's. PostgreSQL 16 and newer. */
    rules: z.string().optional(),
  }),
  z.object({
    provider: z.literal('builtin'),
    ...localeFields,
    /** `BUILTIN_LOCALE`: `C`, `C.UTF-8`, `PG_UNICODE_FAST`. */
    name: z.string(),
  }),
]);
export type PostgresqlLocale = z.infer<typeof postgresqlLocaleSchema>;

/** Default character set and collation of a MySQL database; each table and column says its own in the dump. */
export const mysqlLocaleSchema = z.object({
  provider: z.literal('mysql'),
  /** `utf8mb4` */
  characterSet: z.string(),
  /** `utf8mb4_unicode_ci` */
  collation: z.string(),
});
export type MysqlLocale = z.infer<typeof mysqlLocaleSchema>;

export const databaseLocaleSchema = z.discriminatedUnion('provider', [
  ...postgresqlLocaleSchema.options,
  mysqlLocaleSchema,
]);
export type DatabaseLocale = z.infer<typeof databaseLocaleSchema>;

/**
 * A setting that the database gives to every session in it (`ALTER DATABASE … SET …`). Those that it gives to single
 * roles are not of the database alone, and not here.
 */
export const databaseSettingSchema = z.object({
  /** As the server keeps it: `search_path`, `TimeZone`, `myapp.tenant`. */
  name: z.string().min(1),
  /** As the server keeps it; `search_path` as a list of identifiers with commas, in double quotes where they need them. */
  value: z.string(),
});
export type DatabaseSetting = z.infer<typeof databaseSettingSchema>;

/** Statements of a dump that are looked at one by one, as the requirements ask (5.3). */
export const parsedStatements = 100;

/** How the first statements of a dump were understood, by the engine's own lexer. */
export const dumpStatementsSchema = z.object({
  /** How many were looked at: {@link parsedStatements}, or all of a shorter dump. */
  parsed: countSchema,
  /** By the command that they begin with, in capitals: `CREATE TABLE`, `SET`. */
  kinds: z.record(z.string(), countSchema),
  /** Those that begin with no command of the engine's SQL. The first 40 characters of the first one's first word. */
  unrecognised: z.object({ count: countSchema, first: z.string().optional() }),
});
export type DumpStatements = z.infer<typeof dumpStatementsSchema>;
/** A table whose storage engine knows no transactions (MyISAM, Aria, MEMORY, CSV, …): no snapshot holds it still. */
export const nonTransactionalTableSchema = z.object({
  schema: z.string(),
  table: z.string(),
  storageEngine: z.string(),
});
export type NonTransactionalTable = z.infer<typeof nonTransactionalTableSchema>;

/** What a dump found and wrote; part of the manifest. Paths are relative to `backups/{backupId}/`. */
export const databaseDumpSchema = z.object({
  engine: z.enum(['postgresql', 'mysql']),
  /** Such as `15.18`. */
  serverVersion: z.string(),
  /** What the tool says of itself: `pg_dump (PostgreSQL) 15.18 (Debian …)`. */
  tool: z.string(),
  database: z.string(),
  locale: databaseLocaleSchema,
  /** Sorted by name. A value may be a secret, as a row may: it belongs into no message. */
  settings: z.array(databaseSettingSchema),
  /** Schemas (MySQL: databases) that were dumped. */
  schemas: z.array(z.string()),
  /** What was there and was left out, as the environment's selection asked. */
  leftOut: z
    .object({
      schemas: z.array(z.string()),
      /** Tables of which only the definition was dumped. */
      data: z.array(z.object({ schema: z.string(), table: z.string() })),
    })
    .default({ schemas: [], data: [] }),
  /**
   * `shared`: counts and library rows were read in the very snapshot of the dump. `near`: in one of their own, taken within
   * `snapshotTime`, since the user may not lock the server for the moment that one needs (MySQL). Then the counts of a busy
   * table may differ, and what passed by in the dump is what counts.
   */
  moment: z.enum(['shared', 'near']).default('shared'),
  /** Tables that the snapshot does not cover. */
  nonTransactional: z.array(nonTransactionalTableSchema).default([]),
  /** By the database server's clock: when the snapshot that everything here was read from was taken. */
  snapshotTime: intervalSchema,
  /** The same by the clock of the store that holds the library, where that was asked for. */
  libraryTime: intervalSchema.optional(),
  parts: z.array(dumpPartSchema).min(1),
  /** Every table with its row counts, as JSON lines of {@link tableCountSchema}, sorted by schema and table. */
  tables: artefactSchema.extend({ count: countSchema, rows: countSchema, sourceRows: countSchema }),
  /** Sequences whose value is set in the dump, and those of the source in the same snapshot. */
  sequences: z.object({ count: countSchema, sourceCount: countSchema }),
  /** Large objects in the dump, and those of the source in the same snapshot. */
  largeObjects: z.object({ count: countSchema, sourceCount: countSchema }),
  libraryRows: z.array(libraryRowsSchema),
  /** The database held what a stranger had made: an uploaded dump, or the restore of one. */
  untrusted: z.literal(true).optional(),
  /** Absent in dumps of before it was looked at. */
  statements: dumpStatementsSchema.optional(),
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
  /** What of the database is dumped; everything of the environment when left out. */
  readonly selection?: DatabaseSelection;
  /** Tells the time by the clock of the store that holds the library; asked just before and just after the snapshot is taken. */
  readonly libraryClock?: () => Promise<Interval>;
  /** How many readers work at a time; 1: one stream. The engine chooses when it is left out. */
  readonly workers?: number;
  /**
   * For how many seconds everybody may be kept from writing, so that all readers begin at one moment; 0: never, by one stream. MySQL
   * alone needs it; three when it is left out.
   */
  readonly lockSeconds?: number;
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
  /** Settings of the backup's database that the target does not have, without their values; a person has to judge them. */
  settingsLeftOut: z.array(z.object({ name: z.string(), reason: settingLeftOutReasonSchema })),
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
  /**
   * Restore in place: what the database holds is removed first, large objects included, and nothing of it is left. The
   * database itself stays, with its owner and its grants, so that no right to create databases is needed. Without it an
   * occupied target is refused.
   */
  readonly replaceExisting?: boolean;
  /**
   * A stranger wrote what is in the dump: its statements are lexed and run as by {@link DatabaseEngine.importDump}, with
   * rights to the target and nothing else, and what they make never runs with the rights of the connection's user.
   */
  readonly untrusted?: boolean;
  /** Marks the new database as this run's own, so that a repeated load may drop and redo it, and nothing else. */
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onProgress: DumpRequest['onProgress'];
}

/** Reads the library's rows from a live database, in one read-only repeatable-read transaction. */
export interface LibraryRowsRequest {
  readonly connection: OpenConnection;
  readonly store: ObjectStore;
  /** What `folder` is relative to. */
  readonly prefix: string;
  /** Ends with a slash; files are written below it as `library-rows/{Table}.jsonl.zst`. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Rows that point at generated files which a restore left out; Liferay makes the files again once they are gone. */
export const generatedFileTables = ['DLFileVersionPreview', 'AMImageEntry'] as const;

/** Scripts are somebody else's text: they are lexed, and run through the driver, never through a client program. */
export interface ScriptsRequest {
  readonly connection: OpenConnection;
  /** In the order in which they run, all in one transaction. The first error undoes all of them. */
  readonly scripts: readonly SqlScript[];
  readonly signal: AbortSignal;
}

export const scriptsRunSchema = z.object({
  scripts: z.array(z.object({ name: z.string(), statements: countSchema })),
});
export type ScriptsRun = z.infer<typeof scriptsRunSchema>;

/** A dump that was made elsewhere, which is hostile until it was lexed. */
export interface ImportRequest {
  /** A database that exists and is empty. Nothing outside of it is touched. */
  readonly connection: OpenConnection;
  /** Plain SQL, decompressed. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the file, for messages. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly onProgress: DumpRequest['onProgress'];
  /** Told at the end, one sentence each: what was left out since it concerns the source's server. */
  readonly onNotice?: (notice: string) => void;
}

export interface DumpArchiveRequest {
  /** Of the server that it will be loaded into: its version says which tool reads the archive. */
  readonly connection: OpenConnection;
  /** A file of this machine. */
  readonly path: string;
  readonly signal: AbortSignal;
}

export interface DatabaseFacts {
  readonly serverVersion: string;
  readonly database: string;
  /** Bytes on the server. */
  readonly bytes: number;
  readonly schemas: readonly string[];
  readonly tables: number;
  /** What a backup of it would not cover or can't promise, one sentence each. */
  readonly warnings: readonly string[];
}

/** `absent` and `empty` can be restored into; `ownedByRun` is what an earlier try of the same run left. */
export type TargetState = 'absent' | 'empty' | 'ownedByRun' | 'occupied';

/** Streams databases of one kind out of and into a server with that kind's own tools. One implementation per engine. */
export interface DatabaseEngine {
  readonly engine: 'postgresql' | 'mysql';
  /** A short look: can we get in, what is there, is a fitting tool to be had? @throws LcbError saying what to do. */
  inspect(connection: OpenConnection, selection?: DatabaseSelection): Promise<DatabaseFacts>;
  /**
   * Dumps everything of the environment from one snapshot: server → tool → compress → hash → store. Flat memory.
   * Whatever goes wrong, no part stays behind, and the error carries the tool's own last lines.
   */
  dump(request: DumpRequest): Promise<DatabaseDump>;
  targetState(connection: OpenConnection, runId: string): Promise<TargetState>;
  /**
   * Creates the database and loads the dump into it. Refuses a target that is `occupied`. Safe to repeat.
   *
   * @throws LcbError of an untrusted dump also what {@link DatabaseEngine.importDump} throws.
   */
  load(request: LoadRequest): Promise<DatabaseLoad>;
  /**
   * Removes a database that carries this run's mark; does nothing to any other.
   *
   * @param options `unmarked`: also one that is empty and carries no mark. For names that nobody else takes: a load that was
   * killed between making its database and marking it.
   */
  dropTarget(
    connection: OpenConnection,
    runId: string,
    options?: { readonly unmarked?: boolean },
  ): Promise<void>;
  /**
   * Would {@link DatabaseEngine.load} take this dump there, by the versions of servers and tools? Asks the server, changes
   * nothing. @throws LcbError `database.serverTooOld`, `database.toolTooOld`, …
   */
  assertLoadable(connection: OpenConnection, dump: DatabaseDump): Promise<void>;
  /**
   * Renames databases of the connection's server, in this order and all in one transaction; sessions in them are ended.
   * Does nothing when the last new name is taken and its old one is not: it was done before. Engines whose server can't
   * rename a database leave it out.
   */
  renameDatabases?(
    connection: OpenConnection,
    renames: readonly { readonly from: string; readonly to: string }[],
  ): Promise<void>;
  /** Writes the library's rows of a live database, as a dump does for its own: same files, same order. */
  exportLibraryRows(request: LibraryRowsRequest): Promise<readonly LibraryRows[]>;
  /**
   * Deletes the rows of {@link generatedFileTables}, of all companies or of some, in one transaction, where there are such
   * tables. Answers how many rows went.
   */
  clearGeneratedRows(
    connection: OpenConnection,
    options?: { readonly companyIds?: readonly string[] },
  ): Promise<{ readonly rows: number }>;
  /**
   * Loads a dump that was made elsewhere into an empty database, with rights to that database and nothing else. A load that
   * failed or was killed leaves what it has loaded: drop the database and create it anew before the next try.
   *
   * @throws LcbError `sql.refused` naming line and command, before that statement is run; `sql.failed` where the server
   * refuses one; `sql.rightsTooWide`, `database.targetOccupied`, `database.dumpTruncated`.
   */
  importDump(request: ImportRequest): Promise<void>;
  /**
   * Makes the database of the connection anew for this run, empty and marked as its own, with the locale of the database
   * `like` on the same server, or of the server's own where there is none of that name. Engines without it take no uploads. @throws LcbError `database.targetOccupied`
   */
  createScratch?(connection: OpenConnection, runId: string, like: string): Promise<void>;
  /** Removes a database that {@link createScratch} made for this run, and what the load into it left on the server. */
  dropScratch?(connection: OpenConnection, runId: string): Promise<void>;
  /** The SQL in an archive that the engine's own dump tool made, to be given to {@link importDump}: it is no less hostile. */
  readDumpArchive?(request: DumpArchiveRequest): AsyncIterable<Uint8Array>;
  /**
   * Runs scripts in one transaction, with rights to that database and nothing else. All are read before the first statement
   * is run; after an error nothing of them is left.
   *
   * @throws LcbError `sql.refused`, `sql.failed`, `sql.rightsTooWide`.
   */
  runScripts(request: ScriptsRequest): Promise<ScriptsRun>;
}
