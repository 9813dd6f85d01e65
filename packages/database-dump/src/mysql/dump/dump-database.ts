import type { DatabaseDump, DumpPart, DumpRequest, LibraryRows } from '@lcb/core';
import { mergeCounts, type SourceCount } from '../../counts/merge-counts.ts';
import { everything } from '../../sql/select-schemas.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { jsonLines } from '../../stream/json-lines.ts';
import { inLibraryTime } from '../../stream/library-time.ts';
import { Progress } from '../../stream/progress.ts';
import { storeCompressed } from '../../stream/store-compressed.ts';
import { WrittenObjects } from '../../stream/written-objects.ts';
import { liftTimeLimits } from '../catalog/server.ts';
import { type Survey, survey } from '../catalog/survey.ts';
import { countSequences, estimateBytes } from '../catalog/tables.ts';
import { type ClientTools, type FindClientTools, toolsForServer } from '../client-tools.ts';
import { type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { areOfStrangers } from '../guest/strangers-objects.ts';
import { findLibraryTables, readLiferayBuild } from '../library/find-library-tables.ts';
import { writeLibraryRows } from '../library/write-library-rows.ts';
import { countTables } from './count-tables.ts';
import { schemasWithEvents } from './events.ts';
import { assertDefined } from './missing-tables.ts';
import { type Moment, takeMoment } from './moment.ts';
import { startMysqldump } from './mysqldump.ts';
import { DumpSplitter } from './split-dump.ts';
import { storePart } from './store-part.ts';

export interface DumpOptions {
  readonly clientTools: FindClientTools;
  /** For how many seconds everybody may be kept from writing, so that all is read of one moment; 0 for never. */
  readonly lockSeconds: number;
}

/** Everything that the parts of one dump share. */
interface Dumping {
  readonly request: DumpRequest;
  readonly options: DumpOptions;
  readonly endpoint: Endpoint;
  readonly objects: WrittenObjects;
  readonly scope: FailureScope;
}

/**
 * Dumps the databases of an environment from one moment. Two connections to the server: the dump program's, and the one
 * that reads counts and library rows meanwhile. Whatever fails, nothing that was written stays.
 */
export async function dumpDatabase(request: DumpRequest, options: DumpOptions): Promise<DatabaseDump> {
  const endpoint = parseEndpoint(request.connection);
  const objects = new WrittenObjects(request.store, request.backupPrefix);
  const scope = new FailureScope(request.signal);
  const dumping = { request, options, endpoint, objects, scope };
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
  const { request, endpoint, options, scope } = dumping;
  const found = await survey(session, request.selection ?? everything);
  await liftTimeLimits(session, found.server);
  const tools = await toolsForServer(options.clientTools, found.server);
  const schemas = found.databases.chosen;
  const eventSchemas = await schemasWithEvents(session, schemas);
  const bytes = await estimateBytes(session, schemas);
  await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  const withoutData = found.tables.filter(found.isWithoutData);
  const { value: moment, libraryTime } = await inLibraryTime(request.libraryClock, () =>
    takeMoment(endpoint, session, options.lockSeconds, () =>
      startMysqldump({ tools, endpoint, schemas, withoutData, signal: scope.signal }),
    ),
  );
  const progress = new Progress(request.onProgress, bytes.rows);
  const [parts, read] = await scope.settle([
    scope.run(() => storeDump(dumping, { found, tools, moment, eventSchemas, progress })),
    scope.run(() => readBeside(dumping, session, found)),
  ]);
  progress.flush();
  const dump = await describe(dumping, { found, tools, moment, read, ...parts });
  return libraryTime === undefined ? dump : { ...dump, libraryTime };
}

interface Stored {
  readonly parts: readonly DumpPart[];
  readonly inspection: ReturnType<DumpSplitter['inspection']>;
}

async function storeDump(
  { request, endpoint, objects, scope }: Dumping,
  dump: {
    readonly found: Survey;
    readonly tools: ClientTools;
    readonly moment: Moment;
    readonly eventSchemas: readonly string[];
    readonly progress: Progress;
  },
): Promise<Stored> {
  const { found, tools, moment, eventSchemas, progress } = dump;
  const { signal } = scope;
  const options = {
    isWithoutData: (schema: string, table: string) => found.isWithoutData({ schema, table }),
  };
  const target = { objects, folder: request.folder, compression: request.compression, signal, progress };
  const splitter = new DumpSplitter(moment.dump.output(), options);
  const parts: DumpPart[] = [];
  const isOne = found.databases.chosen.length === 1;
  for await (const segment of splitter.segments()) {
    const name = isOne ? 'dump' : `dump-${String(parts.length + 1).padStart(4, '0')}`;
    parts.push(await storePart(segment, name, target));
  }
  const inspection = splitter.inspection();
  assertDefined(found.tables, inspection.tables);
  if (eventSchemas.length === 0) return { parts, inspection };
  const running = startMysqldump({ tools, endpoint, schemas: eventSchemas, signal, eventsOnly: true });
  const events = new DumpSplitter(running.output(), options);
  let number = 0;
  for await (const segment of events.segments()) {
    number += 1;
    const name = isOne ? 'events' : `events-${String(number).padStart(4, '0')}`;
    parts.push({ ...(await storePart(segment, name, target)), events: true });
  }
  return { parts, inspection };
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
  const libraryRows = await writeLibraryRows(session, library, { objects, folder: request.folder, signal });
  return {
    libraryRows,
    liferayBuild: await readLiferayBuild(session, library),
    sequences: await countSequences(session, databases.chosen),
    isOfStrangers: await areOfStrangers(session, databases.chosen),
    counted: await countTables(session, tables, isWithoutData, signal),
  };
}

async function describe(
  { request, objects, scope: { signal } }: Dumping,
  dumped: Stored & {
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
    statements: inspection.statements,
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
