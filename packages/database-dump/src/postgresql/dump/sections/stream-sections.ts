import type { DumpPart, LcbError } from '@lcb/core';
import { partsBegin, partsEnd } from '../../../sections/section-marks.ts';
import { FirstStatements } from '../../../sql/first-statements.ts';
import { compressionSuffix } from '../../../stream/compression.ts';
import { Progress } from '../../../stream/progress.ts';
import { runBounded } from '../../../stream/run-bounded.ts';
import { storeCompressed } from '../../../stream/store-compressed.ts';
import { DumpInspector } from '../../inspector/dump-inspector.ts';
import { RowsInspector } from '../../inspector/rows-inspector.ts';
import type { Dumping, DumpTool } from '../dumping.ts';
import { type DumpSection, runPgDump } from '../pg-dump.ts';
import { leftOutOf, type Snapshot } from '../snapshot.ts';
import { type InspectedPart, inspectedDump, type StreamedDump } from '../streamed-dump.ts';
import { copyTable } from './copy-table.ts';
import type { TablePart } from './plan-parts.ts';
import { SnapshotReaders } from './snapshot-readers.ts';

/**
 * A dump in many parts, several of them at a time: definitions, what `pg_dump` reads in one go, the rows of big tables piece by
 * piece, and what is defined once the rows are there. One after the other they are one script.
 */
export async function streamSections(
  dumping: Dumping,
  tool: DumpTool,
  snapshot: Snapshot,
  pieces: readonly TablePart[],
): Promise<StreamedDump> {
  const { request, scope, workers, reader: endpoint } = dumping;
  const progress = new Progress(request.onProgress, snapshot.expectedBytes);
  const streaming = { dumping, tool, snapshot, pieces, progress };
  const options = {
    // Unlike pg_dump's, their statements may be queries: as whom those are asked, see withReader.
    endpoint,
    snapshotId: snapshot.id,
    signal: scope.signal,
    onLost: (lost: LcbError) => scope.fail(lost),
  };
  // The rest begins first: nobody knows how long it takes, since large objects are in it, and nothing of it can be cut.
  const [data, preData, postData, ...rows] = await SnapshotReaders.with(options, (readers) =>
    runBounded(scope, workers, [
      () => streamSection(streaming, 'data'),
      () => streamSection(streaming, 'preData'),
      () => streamSection(streaming, 'postData'),
      ...pieces.map((piece, index) => () => streamPiece(streaming, readers, piece, index + 1)),
    ]),
  );
  progress.flush();
  return inspectedDump([preData, data, ...rows, postData].filter((part) => part !== undefined));
}

interface Streaming {
  readonly dumping: Dumping;
  readonly tool: DumpTool;
  readonly snapshot: Snapshot;
  readonly pieces: readonly TablePart[];
  readonly progress: Progress;
}

const names: Readonly<Record<DumpSection, string>> = {
  preData: 'dump-pre-data',
  data: 'dump-data',
  postData: 'dump-post-data',
};

async function streamSection(streaming: Streaming, section: DumpSection): Promise<InspectedPart> {
  const { dumping, tool, snapshot, pieces, progress } = streaming;
  const { endpoint, scope, options } = dumping;
  const leftOut = leftOutOf(snapshot);
  const inspector = new DumpInspector();
  const source = runPgDump({
    program: tool.pgDump,
    endpoint,
    snapshotId: snapshot.id,
    lockWait: options.lockWait,
    leftOut: { schemas: leftOut.schemas, data: [...leftOut.data, ...tablesOf(pieces)] },
    section,
    ...(section === 'preData' ? { before: partsBegin } : {}),
    ...(section === 'postData' ? { after: partsEnd } : {}),
    signal: scope.signal,
    inspector,
    onBytes: (bytes) => progress.add(bytes),
  });
  const stored = await store(dumping, names[section], source);
  const { bytes, sha256, ...inspection } = inspector.finish();
  const part: DumpPart = { ...stored, section, uncompressedBytes: bytes, uncompressedSha256: sha256 };
  return { part, inspection, sent: [] };
}

async function streamPiece(
  { dumping, progress }: Streaming,
  readers: SnapshotReaders,
  piece: TablePart,
  number: number,
): Promise<InspectedPart> {
  const { schema, table } = piece;
  const inspector = new RowsInspector();
  async function* source() {
    for await (const chunk of readers.read((session) => copyTable(session, piece, inspector))) {
      progress.add(chunk.length);
      yield chunk;
    }
  }
  const stored = await store(dumping, `dump-data-${String(number).padStart(5, '0')}`, source());
  const rows = [{ schema, table, rows: inspector.rows }];
  return {
    part: {
      ...stored,
      section: 'data',
      uncompressedBytes: inspector.bytes,
      uncompressedSha256: inspector.sha256(),
    },
    inspection: { tables: rows, sequences: 0, largeObjects: 0, statements: new FirstStatements() },
    // So many the server says to have sent: copyTable has compared the two.
    sent: rows,
  };
}

async function store(
  { request, objects, scope }: Dumping,
  name: string,
  source: AsyncIterable<Uint8Array>,
): Promise<Pick<DumpPart, 'path' | 'bytes' | 'sha256' | 'compression'>> {
  const { compression, folder } = request;
  const path = `${folder}${name}.sql${compressionSuffix(compression)}`;
  const artefact = await storeCompressed({ objects, path, compression, source, signal: scope.signal });
  return { ...artefact, compression };
}

function tablesOf(pieces: readonly TablePart[]): { readonly schema: string; readonly table: string }[] {
  const names = new Map(
    pieces.map(({ schema, table }) => [JSON.stringify([schema, table]), { schema, table }]),
  );
  return [...names.values()];
}
