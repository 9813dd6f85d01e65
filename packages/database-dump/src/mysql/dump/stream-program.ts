import type { DumpPart } from '@lcb/core';
import { partsBegin, partsEnd } from '../../sections/section-marks.ts';
import type { Dumping, DumpSource, StreamedDump } from './dumping.ts';
import { DumpSplitter } from './split-dump.ts';
import { storePart } from './store-part.ts';

export interface ProgramParts extends Pick<DumpPart, 'events' | 'section'> {
  readonly name: string;
  /** It is the first, or the last, of the parts that make one script. */
  readonly begins?: boolean;
  readonly ends?: boolean;
}

/**
 * Stores what a dump program writes, each stretch of a database as a part: `{name}.sql.zst`, or where there are several databases
 * `{name}-0001.sql.zst` and so on.
 */
export async function streamProgram(
  { request, objects, scope }: Dumping,
  { found, progress }: DumpSource,
  output: AsyncIterable<Buffer>,
  { name, begins, ends, ...kind }: ProgramParts,
): Promise<StreamedDump> {
  const splitter = new DumpSplitter(output, {
    isWithoutData: (schema, table) => found.isWithoutData({ schema, table }),
  });
  const { folder, compression } = request;
  const target = { objects, folder, compression, signal: scope.signal, progress };
  const isOne = found.databases.chosen.length === 1;
  const parts: DumpPart[] = [];
  for await (const { schema, source } of splitter.segments()) {
    const numbered = isOne ? name : `${name}-${String(parts.length + 1).padStart(4, '0')}`;
    // Parts of several databases are no one script.
    const marked = isOne ? marks(source, { begins, ends }) : source;
    parts.push({ ...(await storePart(marked, numbered, target)), schema, ...kind });
  }
  return { parts, inspection: splitter.inspection() };
}

async function* marks(
  source: AsyncIterable<Buffer>,
  {
    begins = false,
    ends = false,
  }: { readonly begins: boolean | undefined; readonly ends: boolean | undefined },
): AsyncGenerator<Buffer> {
  if (begins) yield Buffer.from(partsBegin);
  yield* source;
  // A dump has no other last line than this, and nothing behind it.
  if (ends) yield Buffer.from(`${partsEnd}-- Dump completed\n`);
}
