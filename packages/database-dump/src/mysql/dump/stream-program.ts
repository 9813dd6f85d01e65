import type { DumpPart } from '@lcb/core';
import type { Dumping, DumpSource, StreamedDump } from './dumping.ts';
import { DumpSplitter } from './split-dump.ts';
import { storePart } from './store-part.ts';

/**
 * Stores what a dump program writes, each stretch of a database as a part: `{name}.sql.zst`, or where there are several databases
 * `{name}-0001.sql.zst` and so on.
 */
export async function streamProgram(
  { request, objects, scope }: Dumping,
  { found, progress }: DumpSource,
  output: AsyncIterable<Buffer>,
  { name, ...kind }: Pick<DumpPart, 'events' | 'section'> & { readonly name: string },
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
    parts.push({ ...(await storePart(source, numbered, target)), schema, ...kind });
  }
  return { parts, inspection: splitter.inspection() };
}
