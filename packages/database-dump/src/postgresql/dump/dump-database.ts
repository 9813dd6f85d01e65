import type { DatabaseDump, DumpRequest } from '@lcb/core';
import { mergeCounts } from '../../counts/merge-counts.ts';
import { changedDuringDump } from '../../sections/changed-during-dump.ts';
import { everything } from '../../sql/select-schemas.ts';
import { compressionSuffix } from '../../stream/compression.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { jsonLines } from '../../stream/json-lines.ts';
import { Progress } from '../../stream/progress.ts';
import { storeCompressed } from '../../stream/store-compressed.ts';
import { WrittenObjects } from '../../stream/written-objects.ts';
import { readFingerprint } from '../catalog/fingerprint.ts';
import { readTableStorage } from '../catalog/table-storage.ts';
import { toolsForServer, toolVersion } from '../client-tools.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { withReader } from '../guest/with-reader.ts';
import { DumpInspector } from '../inspector/dump-inspector.ts';
import { findLibraryTables, readLiferayBuild } from '../library/find-library-tables.ts';
import { writeLibraryRows } from '../library/write-library-rows.ts';
import { countTables } from './count-tables.ts';
import type { Dumping, DumpOptions, DumpTool } from './dumping.ts';
import { runPgDump } from './pg-dump.ts';
import { planParts, type TablePart } from './sections/plan-parts.ts';
import { sentCounts } from './sections/sent-counts.ts';
import { streamSections } from './sections/stream-sections.ts';
import { leftOutOf, prepareSession, type Snapshot, takeSnapshot } from './snapshot.ts';
import { inspectedDump, type StreamedDump } from './streamed-dump.ts';

/**
 * Dumps a database from one snapshot. Connections to the server: the one that holds the snapshot and reads counts and library rows
 * from it meanwhile, and one for each of the programs that read the rest, all in that snapshot. Whatever fails, nothing that
 * was written stays, and nothing is patched: one reader lost is the dump lost.
 */
export async function dumpDatabase(request: DumpRequest, options: DumpOptions): Promise<DatabaseDump> {
  const endpoint = parseEndpoint(request.connection);
  const objects = new WrittenObjects(request.store, request.backupPrefix);
  const scope = new FailureScope(request.signal);
  try {
    return await scope.run(() =>
      withReader(endpoint, (reader, isOfStrangers) =>
        dumpInSession({
          request,
          options,
          workers: request.workers ?? options.workers,
          endpoint,
          reader,
          isOfStrangers,
          objects,
          scope,
        }),
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
    const tool = { pgDump, version: await toolVersion(pgDump, endpoint, scope.signal) };
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
  tool: DumpTool,
  snapshot: Snapshot,
): Promise<DatabaseDump> {
  const { request, endpoint, objects, scope, isOfStrangers } = dumping;
  const { signal } = scope;
  const pieces = await piecesOf(dumping, session, snapshot);
  const sent = new Set(pieces.map(({ schema, table }) => JSON.stringify([schema, table])));
  const toCount = snapshot.tables.filter(({ schema, table }) => !sent.has(JSON.stringify([schema, table])));
  const [streamed, read] = await scope.settle([
    scope.run(() =>
      pieces.length === 0
        ? streamWhole(dumping, tool, snapshot)
        : streamUnchanged(dumping, session, snapshot, () => streamSections(dumping, tool, snapshot, pieces)),
    ),
    scope.run(async () => {
      const library = await findLibraryTables(session, snapshot.leftOut);
      const libraryRows = await writeLibraryRows(session, library, {
        objects,
        folder: request.folder,
        signal,
      });
      const liferayBuild = await readLiferayBuild(session, library);
      return { libraryRows, liferayBuild, counted: await countTables(session, toCount, signal) };
    }),
  ]);

  const counts = mergeCounts(streamed.tables, [...read.counted, ...sentCounts(streamed.sent)]);
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
    parts: [...streamed.parts],
    tables: {
      ...tables,
      count: counts.length,
      rows: sum(counts.map(({ rows }) => rows)),
      sourceRows: sum(counts.map(({ sourceRows }) => sourceRows)),
    },
    sequences: { count: streamed.sequences, sourceCount: shape.sequences },
    largeObjects: { count: streamed.largeObjects, sourceCount: shape.largeObjects },
    libraryRows: read.libraryRows,
    ...(isOfStrangers ? { untrusted: true } : {}),
    statements: streamed.statements,
    ...(read.liferayBuild === undefined ? {} : { liferayBuild: read.liferayBuild }),
    bytes: sum(streamed.parts.map(({ uncompressedBytes }) => uncompressedBytes)),
    storedBytes: sum(streamed.parts.map(({ bytes }) => bytes)),
  };
}

/** What of the tables is read by workers; nothing where one stream is enough. */
async function piecesOf(
  { options, workers }: Dumping,
  session: Session,
  { tables, server }: Snapshot,
): Promise<TablePart[]> {
  if (workers < 2) return [];
  const storage = await readTableStorage(session, options.sizes.bigTable);
  return planParts(tables, storage, server.major, options.sizes);
}

/**
 * Several programs ask the server for definitions at different times, some of them not by the snapshot. So those may not have
 * changed from the snapshot until the last of them has ended.
 *
 * @throws LcbError `database.definitionChanged`
 */
async function streamUnchanged(
  { reader, scope }: Dumping,
  session: Session,
  { leftOut }: Snapshot,
  stream: () => Promise<StreamedDump>,
): Promise<StreamedDump> {
  const before = await readFingerprint(session, leftOut);
  const streamed = await stream();
  const read = (fresh: Session) => readFingerprint(fresh, leftOut);
  const after = await withSession(reader, read, { signal: scope.signal });
  if (after !== before) throw changedDuringDump('they are not what they were when it began');
  return streamed;
}

async function streamWhole(
  { request, endpoint, objects, scope, options }: Dumping,
  { pgDump }: DumpTool,
  snapshot: Snapshot,
): Promise<StreamedDump> {
  const { compression } = request;
  const progress = new Progress(request.onProgress, snapshot.expectedBytes);
  const inspector = new DumpInspector();
  const source = runPgDump({
    program: pgDump,
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
  const { bytes, sha256, ...inspection } = inspector.finish();
  const part = { ...artefact, compression, uncompressedBytes: bytes, uncompressedSha256: sha256 };
  return inspectedDump([{ part, inspection, sent: [] }]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
