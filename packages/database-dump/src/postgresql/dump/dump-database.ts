import type { DatabaseDump, DumpPart, DumpRequest } from '@lcb/core';
import { mergeCounts } from '../../counts/merge-counts.ts';
import { everything } from '../../sql/select-schemas.ts';
import { compressionSuffix } from '../../stream/compression.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { jsonLines } from '../../stream/json-lines.ts';
import { Progress } from '../../stream/progress.ts';
import { storeCompressed } from '../../stream/store-compressed.ts';
import { WrittenObjects } from '../../stream/written-objects.ts';
import { type FindClientTools, toolsForServer, toolVersion } from '../client-tools.ts';
import { type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { withReader } from '../guest/with-reader.ts';
import { DumpInspector, type Inspection } from '../inspector/dump-inspector.ts';
import { findLibraryTables, readLiferayBuild } from '../library/find-library-tables.ts';
import { writeLibraryRows } from '../library/write-library-rows.ts';
import { countTables } from './count-tables.ts';
import { runPgDump } from './pg-dump.ts';
import { prepareSession, type Snapshot, takeSnapshot } from './snapshot.ts';

export interface DumpOptions {
  readonly clientTools: FindClientTools;
  /** How long to wait for a table that somebody holds exclusively; milliseconds. */
  readonly lockWait: number;
}

/** Everything that the parts of one dump share. */
interface Dumping {
  readonly request: DumpRequest;
  readonly options: DumpOptions;
  readonly endpoint: Endpoint;
  /** As whom tables are queried beside `pg_dump`, which reads them without queries. */
  readonly reader: Endpoint;
  readonly isOfStrangers: boolean;
  readonly objects: WrittenObjects;
  readonly scope: FailureScope;
}

/**
 * Dumps a database from one snapshot. Two connections to the server: `pg_dump`'s, and the one that holds the snapshot and
 * reads counts and library rows from it meanwhile. Whatever fails, nothing that was written stays.
 */
export async function dumpDatabase(request: DumpRequest, options: DumpOptions): Promise<DatabaseDump> {
  const endpoint = parseEndpoint(request.connection);
  const objects = new WrittenObjects(request.store, request.backupPrefix);
  const scope = new FailureScope(request.signal);
  try {
    return await scope.run(() =>
      withReader(endpoint, (reader, isOfStrangers) =>
        dumpInSession({ request, options, endpoint, reader, isOfStrangers, objects, scope }),
      ),
    );
  } catch (error) {
    throw await objects.removeAfter(error);
  }
}

async function dumpInSession(dumping: Dumping): Promise<DatabaseDump> {
  const { scope, endpoint, reader, options, request } = dumping;
  const selection = request.selection ?? everything;
  const work = async (session: Session) => {
    const server = await prepareSession(session);
    // Before the snapshot: looking for tools may take a while.
    const { pgDump } = await toolsForServer(options.clientTools, server.major);
    const tool = { program: pgDump, version: await toolVersion(pgDump, endpoint, scope.signal) };
    return await dumpSnapshot(
      dumping,
      session,
      tool,
      await takeSnapshot(session, server, options.lockWait, selection, request.libraryClock),
    );
  };
  // Without this session nobody holds the snapshot and the locks, and the counts are missing: losing it ends all.
  return await withSession(reader, work, { signal: scope.signal, onLost: (lost) => scope.fail(lost) });
}

async function dumpSnapshot(
  dumping: Dumping,
  session: Session,
  tool: { readonly program: string; readonly version: string },
  snapshot: Snapshot,
): Promise<DatabaseDump> {
  const { request, endpoint, objects, scope, isOfStrangers } = dumping;
  const { signal } = scope;
  const [streamed, read] = await scope.settle([
    scope.run(() => streamDump(dumping, tool.program, snapshot)),
    scope.run(async () => {
      const library = await findLibraryTables(session, snapshot.leftOut);
      const libraryRows = await writeLibraryRows(session, library, {
        objects,
        folder: request.folder,
        signal,
      });
      const liferayBuild = await readLiferayBuild(session, library);
      return { libraryRows, liferayBuild, counted: await countTables(session, snapshot.tables, signal) };
    }),
  ]);

  const { part, inspection } = streamed;
  const counts = mergeCounts(inspection.tables, read.counted);
  const path = `${request.folder}tables.jsonl.zst`;
  const tables = await storeCompressed({
    objects,
    path,
    compression: 'zstd',
    source: jsonLines(counts),
    signal,
  });
  const { shape, server, locale, settings } = snapshot;
  return {
    engine: 'postgresql',
    serverVersion: server.version,
    tool: tool.version,
    database: endpoint.database,
    locale,
    settings: [...settings],
    schemas: [...shape.schemas],
    leftOut: leftOutOf(snapshot),
    moment: 'shared',
    nonTransactional: [],
    snapshotTime: snapshot.time,
    ...(snapshot.libraryTime === undefined ? {} : { libraryTime: snapshot.libraryTime }),
    parts: [part],
    tables: {
      ...tables,
      count: counts.length,
      rows: sum(counts.map(({ rows }) => rows)),
      sourceRows: sum(counts.map(({ sourceRows }) => sourceRows)),
    },
    sequences: { count: inspection.sequences, sourceCount: shape.sequences },
    largeObjects: { count: inspection.largeObjects, sourceCount: shape.largeObjects },
    libraryRows: read.libraryRows,
    ...(isOfStrangers ? { untrusted: true } : {}),
    statements: inspection.statements,
    ...(read.liferayBuild === undefined ? {} : { liferayBuild: read.liferayBuild }),
    bytes: inspection.bytes,
    storedBytes: part.bytes,
  };
}

async function streamDump(
  { request, endpoint, objects, scope, options }: Dumping,
  program: string,
  snapshot: Snapshot,
): Promise<{ readonly part: DumpPart; readonly inspection: Inspection }> {
  const { compression } = request;
  const progress = new Progress(request.onProgress, snapshot.expectedBytes);
  const inspector = new DumpInspector();
  const source = runPgDump({
    program,
    endpoint,
    snapshotId: snapshot.id,
    lockWait: options.lockWait,
    leftOut: leftOutOf(snapshot),
    signal: scope.signal,
    inspector,
    onBytes: (bytes) => progress.add(bytes),
  });
  const path = `${request.folder}dump.sql${compressionSuffix(compression)}`;
  const artefact = await storeCompressed({ objects, path, compression, source, signal: scope.signal });
  progress.flush();
  const inspection = inspector.finish();
  const part = {
    ...artefact,
    compression,
    uncompressedBytes: inspection.bytes,
    uncompressedSha256: inspection.sha256,
  };
  return { part, inspection };
}

function leftOutOf({ leftOut, tables }: Snapshot): DatabaseDump['leftOut'] {
  const data = tables.filter(({ isWithoutData }) => isWithoutData);
  return { schemas: [...leftOut], data: data.map(({ schema, table }) => ({ schema, table })) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
