import type { DefinitionCounts } from './database-figures.ts';
import type { DifferenceLog } from './difference-log.ts';
import type { DefinitionKind } from './report.ts';

/** Names everything of one kind whose definition is missing, additional or different, and counts both sides. */
export function compareDefinitionMaps(
  kind: DefinitionKind,
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
  log: DifferenceLog,
  counts: { readonly a: DefinitionCounts; readonly b: DefinitionCounts },
): void {
  counts.a[kind] = a.size;
  counts.b[kind] = b.size;
  for (const [name, definition] of a) {
    const other = b.get(name);
    if (other === undefined) log.add(kind, name, `missing in b; in a: ${definition}`);
    else if (other !== definition) log.add(kind, name, `a: ${definition} | b: ${other}`);
  }
  for (const [name, definition] of b) {
    if (!a.has(name)) log.add(kind, name, `only in b: ${definition}`);
  }
}
