import type { SourceCount } from '../../../counts/merge-counts.ts';
import type { InspectedTable } from '../../inspector/dump-inspector.ts';

/** What the server says to have sent, each table once. */
export function sentCounts(sent: readonly InspectedTable[]): SourceCount[] {
  const counts = new Map<string, SourceCount>();
  for (const { schema, table, rows } of sent) {
    const name = JSON.stringify([schema, table]);
    counts.set(name, { schema, table, sourceRows: (counts.get(name)?.sourceRows ?? 0) + rows });
  }
  return [...counts.values()];
}
