import { copyShard } from '../library/copy-shard.ts';
import type { DatabaseDump, LibraryRows } from '../ports/database-engine.ts';
import { writeJsonArtefact } from '../repository/json-artefact.ts';
import { writeJsonLines } from '../repository/json-lines.ts';
import { backupPrefix, databaseFolder, dumpDescriptionPath } from '../repository/layout.ts';
import type { LibraryPlan } from '../repository/library-index.ts';
import { foldLibrary, planLibrary, readLibraryPlan } from '../steps/backup-library.ts';
import { listLibraryEarlier } from '../steps/backup-prelist.ts';
import { backupRun } from './backup-run.ts';
import type { BackupWorld } from './backup-world.ts';
import { attemptOf, environment, signal, unhurried } from './library-backup.ts';
import { watched } from './streams.ts';

export const certifiedRun = { runId: backupRun().runId, projectId: 'retail', attempt: 1 };
const prefix = backupPrefix(environment, certifiedRun.runId);
const at = '2025-11-09T14:30:00.000Z';

/** A row of DLFileVersion as a dump writes it beside itself. */
export function fileVersionRow(key: string | null, row: Readonly<Record<string, unknown>> = {}) {
  return {
    schema: 'lportal',
    fileVersionId: '1',
    ctCollectionId: '0',
    fileEntryId: '1',
    companyId: '20097',
    groupId: null,
    fileName: null,
    mimeType: null,
    title: 'Contract',
    version: '1.0',
    storeUUID: null,
    size_: 1,
    checksum: null,
    status: 0,
    createDate: '2025-01-01T00:00:00.000Z',
    modifiedDate: null,
    name: null,
    folderId: null,
    repositoryId: null,
    key,
    ...row,
  };
}

export interface DumpedRows {
  readonly rows: { readonly [Table in LibraryRows['table']]?: readonly unknown[] };
  readonly dump?: Partial<DatabaseDump>;
  readonly tables?: readonly { readonly table: string; readonly rows: number }[];
}

/** The steps before the certificate, on a library in memory and a dump of which only the rows matter. */
export async function takeAttempt(
  { context, backups, library }: BackupWorld,
  dumped: DumpedRows,
  between: {
    /** Is the library to be the one of the dump's `libraryTime`? */
    readonly exact?: boolean;
    readonly afterDump?: () => Promise<void>;
    readonly afterPlan?: () => Promise<void>;
  } = {},
): Promise<{ readonly dump: DatabaseDump; readonly plan: LibraryPlan }> {
  await listLibraryEarlier(certifiedRun, context);
  const dump = await writeDump(backups, dumped);
  await between.afterDump?.();
  const { shards } = await planLibrary({ ...certifiedRun, exact: between.exact ?? false }, context);
  await between.afterPlan?.();
  for (let shard = 0; shard < shards; shard += 1) {
    await copyShard({
      attempt: attemptOf(certifiedRun.runId),
      source: library,
      backups,
      shard,
      cursor: 0,
      concurrency: 2,
      control: unhurried,
    });
  }
  await foldLibrary({ ...certifiedRun, shards }, context);
  return { dump, plan: await readLibraryPlan(backups, backupRun(), 1) };
}

async function writeDump(
  store: BackupWorld['backups'],
  { rows, tables = [], dump = {} }: DumpedRows,
): Promise<DatabaseDump> {
  const folder = databaseFolder(1);
  const libraryRows: LibraryRows[] = [];
  for (const table of ['Company', 'DLFileVersion', 'Image'] as const) {
    const given = rows[table];
    if (given === undefined) continue;
    const path = `${folder}library-rows/${table}.jsonl.zst`;
    libraryRows.push({ table, ...(await writeJsonLines(store, prefix, path, watched(given), signal)) });
  }
  const counts = tables.map((table) => ({ schema: 'lportal', sourceRows: table.rows, ...table }));
  const { rows: count, ...written } = await writeJsonLines(
    store,
    prefix,
    `${folder}tables.jsonl.zst`,
    watched(counts),
    signal,
  );
  const described: DatabaseDump = {
    engine: 'postgresql',
    serverVersion: '17.0',
    tool: 'pg_dump (PostgreSQL) 17.0',
    database: 'lportal',
    locale: { provider: 'libc', encoding: 'UTF8', collate: 'C', characterType: 'C' },
    settings: [],
    schemas: ['lportal'],
    leftOut: { schemas: [], data: [] },
    moment: 'shared',
    nonTransactional: [],
    snapshotTime: { from: at, to: at },
    parts: [
      {
        path: `${folder}dump.sql.zst`,
        bytes: 1,
        sha256: '0'.repeat(64),
        compression: 'zstd',
        uncompressedBytes: 1,
        uncompressedSha256: '0'.repeat(64),
      },
    ],
    tables: { ...written, count, rows: 0, sourceRows: 0 },
    sequences: { count: 0, sourceCount: 0 },
    largeObjects: { count: 0, sourceCount: 0 },
    libraryRows,
    bytes: 1,
    storedBytes: 1,
    ...dump,
  };
  await writeJsonArtefact(store, prefix, dumpDescriptionPath(1), described);
  return described;
}
