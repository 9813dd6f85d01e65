import { LcbError } from '@lcb/core';
import { FirstStatements } from '../../../sql/first-statements.ts';
import { runBounded } from '../../../stream/run-bounded.ts';
import { quoteIdentifier } from '../../catalog/quote.ts';
import { type Dumping, type DumpSource, joinedDumps, type StreamedDump } from '../dumping.ts';
import { type DumpContent, type RunningDump, startMysqldump } from '../mysqldump.ts';
import { storePart } from '../store-part.ts';
import { streamProgram } from '../stream-program.ts';
import { InsertWriter } from './insert-writer.ts';
import { partBegin, partEnd } from './part-frame.ts';
import type { TablePart } from './plan-parts.ts';
import { readRows } from './read-rows.ts';
import type { ViewReaders } from './view-readers.ts';

/** Of one moment: sessions that read the pieces, and the program that reads the rows of all other tables. */
export interface SectionReaders {
  readonly pieces: readonly TablePart[];
  readonly readers: ViewReaders;
  readonly rest: RunningDump;
  /** @throws LcbError `database.definitionChanged` where something is defined otherwise than before. */
  readonly assertUnchanged: () => Promise<void>;
}

/** The dump program on the rows that no session reads. */
export function startRest(
  { endpoint, scope }: Dumping,
  { found, tools }: DumpSource,
  pieces: readonly TablePart[],
): RunningDump {
  const names = new Map(
    pieces.map(({ schema, table }) => [JSON.stringify([schema, table]), { schema, table }]),
  );
  return startMysqldump({
    tools,
    endpoint,
    schemas: found.databases.chosen,
    withoutData: found.tables.filter(found.isWithoutData),
    leftOut: [...names.values()],
    signal: scope.signal,
    only: 'data',
  });
}

/**
 * A dump in many parts, several of them at a time: definitions, the rows of big tables piece by piece, those of all others in one go, and
 * triggers, which must not fire while rows are loaded. One after the other they are one script.
 */
export async function streamSections(
  dumping: Dumping,
  source: DumpSource,
  sections: SectionReaders,
): Promise<StreamedDump> {
  const { scope, workers, endpoint } = dumping;
  const { pieces, rest } = sections;
  const { found, tools, eventSchemas } = source;
  const definitions = (only: DumpContent) =>
    startMysqldump({ tools, endpoint, schemas: found.databases.chosen, signal: scope.signal, only }).output();
  const [data, preData, postData, ...rows] = await runBounded(scope, workers, [
    () => streamProgram(dumping, source, rest.output(), { name: 'dump-data', section: 'data' }),
    () =>
      streamProgram(dumping, source, definitions('preData'), {
        name: 'dump-pre-data',
        section: 'preData',
        begins: true,
      }),
    () =>
      streamProgram(dumping, source, definitions('triggers'), {
        name: 'dump-post-data',
        section: 'postData',
        // Else events are its end.
        ends: eventSchemas.length === 0,
      }),
    ...pieces.map((piece, index) => () => streamPiece(dumping, source, sections, piece, index + 1)),
  ]);
  return joinedDumps([preData, data, ...rows, postData].filter((part) => part !== undefined));
}

async function streamPiece(
  { request, objects, scope }: Dumping,
  { progress }: DumpSource,
  { readers, assertUnchanged }: SectionReaders,
  piece: TablePart,
  number: number,
): Promise<StreamedDump> {
  const { schema, table, columns } = piece;
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const kinds = columns.map(({ kind }) => kind);
  let rows = 0;
  async function* framed() {
    yield partBegin;
    let writer: InsertWriter | undefined;
    try {
      yield* readers.read((session) =>
        readRows(session, piece, (chunks) => {
          writer = new InsertWriter(`${quoteIdentifier(table)} (${names})`, kinds, chunks);
          return writer;
        }),
      );
    } catch (error) {
      // A table that is another by now is refused in many words.
      if (LcbError.isInstance(error) && !error.retryable && !scope.signal.aborted) await assertUnchanged();
      throw error;
    }
    rows = writer?.rows ?? 0;
    yield partEnd;
  }
  const { folder, compression } = request;
  const target = { objects, folder, compression, signal: scope.signal, progress };
  const name = `dump-rows-${String(number).padStart(4, '0')}`;
  const part = await storePart(framed(), name, target);
  return {
    parts: [{ ...part, schema, section: 'data' }],
    inspection: { tables: [{ schema, table, rows }], sequences: 0, statements: new FirstStatements() },
  };
}
