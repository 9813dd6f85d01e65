import { type DatabaseDump, type DumpRequest, LcbError, type LibraryRows } from '@lcb/core';
import { mergeCounts, type SourceCount } from '../../counts/merge-counts.ts';
import { everything } from '../../sql/select-schemas.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { jsonLines } from '../../stream/json-lines.ts';
import { inLibraryTime } from '../../stream/library-time.ts';
import { Progress } from '../../stream/progress.ts';
import { storeCompressed } from '../../stream/store-compressed.ts';
import { WrittenObjects } from '../../stream/written-objects.ts';
import { readFingerprint } from '../catalog/fingerprint.ts';
import { liftTimeLimits, type Server } from '../catalog/server.ts';
import { type Survey, survey } from '../catalog/survey.ts';
import { readTableStorage } from '../catalog/table-storage.ts';
import { countSequences, estimateBytes, type FoundTable } from '../catalog/tables.ts';
import { type ClientTools, toolsForServer } from '../client-tools.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { inSavepoint } from '../connection/savepoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { areOfStrangers } from '../guest/strangers-objects.ts';
import { findLibraryTables, readLiferayBuild } from '../library/find-library-tables.ts';
import { writeLibraryRows } from '../library/write-library-rows.ts';
import { countTables } from './count-tables.ts';
import type { Dumping, DumpOptions, StreamedDump } from './dumping.ts';
import { schemasWithEvents } from './events.ts';
import { assertDefined } from './missing-tables.ts';
import { type Moment, takeMoment } from './moment.ts';
import { planParts, type TablePart } from './sections/plan-parts.ts';
import { ViewReaders } from './sections/view-readers.ts';
import { startSections, startWhole } from './start-streams.ts';

/**
 * Dumps the databases of an environment from one moment. Connections to the server: the one that reads counts and library rows
 * meanwhile, and one for each of the programs and sessions that read the rest. Whatever fails, nothing that was written stays, and
 * nothing is patched: one reader lost is the dump lost.
 */
export async function dumpDatabase(request: DumpRequest, options: DumpOptions): Promise<DatabaseDump> {
  const endpoint = parseEndpoint(request.connection);
  const objects = new WrittenObjects(request.store, request.backupPrefix);
  const scope = new FailureScope(request.signal);
  const workers = request.workers ?? options.workers;
  const lockSeconds = request.lockSeconds ?? options.lockSeconds;
  const dumping = { request, options, workers, lockSeconds, endpoint, objects, scope };
  try {
    return await scope.run(() =>
      // Without this session the counts and rows are missing: losing it ends all.
      withSession(endpoint, (session) => dumpInSession(dumping, session), {
        signal: scope.signal,
        onLost: (lost) => scope.fail(lost),
      }),
    );
  } catch (error) {
    throw await objects.removeAfter(error);
  }
}

async function dumpInSession(dumping: Dumping, session: Session): Promise<DatabaseDump> {
  const { request, endpoint, options, workers, lockSeconds, scope } = dumping;
  const selection = request.selection ?? everything;
  const first = await survey(session, selection);
  const isByWorkers = workers > 1 && lockSeconds > 0;
  // Before anything is asked that a plan is made of: whatever is changed from here on ends the attempt.
  const definitions = isByWorkers ? await readFingerprint(session, first.databases.chosen) : '';
  const found = isByWorkers ? await survey(session, selection) : first;
  await liftTimeLimits(session, found.server);
  const tools = await toolsForServer(options.clientTools, found.server);
  const schemas = found.databases.chosen;
  const eventSchemas = await schemasWithEvents(session, schemas);
  const bytes = await estimateBytes(session, schemas);
  const source = { found, tools, eventSchemas, progress: new Progress(request.onProgress, bytes.rows) };
  const pieces = isByWorkers ? await piecesOf(dumping, session, found) : [];
  const hasRows = (table: FoundTable) => !found.isWithoutData(table);
  await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  return await withReaders(dumping, found.server, pieces.length, async (readers) => {
    const { value: moment, libraryTime } = await inLibraryTime(request.libraryClock, () =>
      takeMoment(endpoint, session, { lockSeconds, tables: found.tables.filter(hasRows) }, (isLocked) =>
        isLocked && pieces.length > 0
          ? startSections(dumping, source, { pieces, readers, definitions })
          : startWhole(dumping, source),
      ),
    );
    const { isInSections, stream } = moment.started;
    if (isInSections && moment.kind !== 'shared') throw momentMissed(lockSeconds);
    const [streamed, read] = await scope.settle([
      scope.run(async () => {
        const dumped = await stream();
        assertDefined(found.tables, dumped.inspection.tables);
        return dumped;
      }),
      scope.run(() => readBeside(dumping, session, found)),
    ]);
    source.progress.flush();
    const dump = await describe(dumping, { found, tools, moment, read, ...streamed });
    return libraryTime === undefined ? dump : { ...dump, libraryTime };
  });
}

/** What of the tables is read by workers; nothing where one stream is enough. */
async function piecesOf({ options }: Dumping, session: Session, found: Survey): Promise<TablePart[]> {
  const { databases, server } = found;
  const storage = await readTableStorage(session, server, databases.chosen, options.sizes.bigTable);
  return await planParts(session, found, storage, options.sizes);
}

async function withReaders<T>(
  { endpoint, scope, workers }: Dumping,
  server: Server,
  pieces: number,
  work: (readers: ViewReaders) => Promise<T>,
): Promise<T> {
  const { signal } = scope;
  const onLost = (lost: LcbError) => scope.fail(lost);
  return await ViewReaders.with({ endpoint, server, count: Math.min(workers, pieces), signal, onLost }, work);
}

interface ReadBeside {
  readonly libraryRows: LibraryRows[];
  readonly liferayBuild: number | undefined;
  readonly sequences: number;
  readonly counted: readonly SourceCount[];
  readonly isOfStrangers: boolean;
}

/** What is read of the same moment beside the dump. */
async function readBeside(
  { request, objects, scope: { signal } }: Dumping,
  session: Session,
  { databases, tables, isWithoutData }: Survey,
): Promise<ReadBeside> {
  const library = await findLibraryTables(session, databases.chosen);
  const target = { objects, folder: request.folder, signal };
  return {
    libraryRows: await inSavepoint(session, () => writeLibraryRows(session, library, target)),
    liferayBuild: await inSavepoint(session, () => readLiferayBuild(session, library)),
    sequences: await countSequences(session, databases.chosen),
    isOfStrangers: await areOfStrangers(session, databases.chosen),
    counted: await countTables(session, tables, isWithoutData, signal),
  };
}

async function describe(
  { request, objects, scope: { signal } }: Dumping,
  dumped: StreamedDump & {
    readonly found: Survey;
    readonly tools: ClientTools;
    readonly moment: Moment;
    readonly read: ReadBeside;
  },
): Promise<DatabaseDump> {
  const { found, tools, moment, read, parts, inspection } = dumped;
  const { server, databases } = found;
  const counts = mergeCounts(inspection.tables, read.counted);
  const path = `${request.folder}tables.jsonl.zst`;
  const source = jsonLines(counts);
  const tables = await storeCompressed({ objects, path, compression: 'zstd', source, signal });
  const data = found.tables.filter(found.isWithoutData).map(({ schema, table }) => ({ schema, table }));
  return {
    engine: 'mysql',
    serverVersion: server.version,
    tool: tools.version,
    database: databases.main.name,
    locale: databases.main.locale,
    settings: [],
    schemas: [...databases.chosen],
    leftOut: { schemas: [...databases.leftOut], data },
    moment: moment.kind,
    nonTransactional: [...found.nonTransactional],
    snapshotTime: moment.time,
    parts: [...parts],
    tables: {
      ...tables,
      count: counts.length,
      rows: sum(counts.map(({ rows }) => rows)),
      sourceRows: sum(counts.map(({ sourceRows }) => sourceRows)),
    },
    sequences: { count: inspection.sequences, sourceCount: read.sequences },
    ...(read.isOfStrangers ? { untrusted: true } : {}),
    statements: inspection.statements.found,
    largeObjects: { count: 0, sourceCount: 0 },
    libraryRows: read.libraryRows,
    ...(read.liferayBuild === undefined ? {} : { liferayBuild: read.liferayBuild }),
    bytes: sum(parts.map(({ uncompressedBytes }) => uncompressedBytes)),
    storedBytes: sum(parts.map((part) => part.bytes)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function momentMissed(lockSeconds: number): LcbError {
  return new LcbError({
    code: 'database.lockTimeout',
    message: `Not every reader of the dump had begun within the ${lockSeconds} seconds that others may be kept from writing. It is tried again; the last attempt reads by one stream, which needs less time.`,
    retryable: true,
  });
}
