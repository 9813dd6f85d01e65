import { hash } from 'node:crypto';

/**
 * Picks up to `count` rows evenly from a stream of any length: those whose hash, seeded by the backup's id, is least.
 * Random to whoever writes the rows, and the same whenever the step is repeated.
 */
export async function sample<T extends { readonly key: string }>(
  rows: AsyncIterable<T>,
  count: number,
  seed: string,
): Promise<readonly T[]> {
  const picked: { readonly rank: string; readonly row: T }[] = [];
  for await (const row of rows) {
    const rank = hash('sha256', `${seed}\n${row.key}`, 'hex');
    const last = picked.at(-1);
    if (picked.length === count && last !== undefined && rank >= last.rank) continue;
    const position = picked.findIndex((other) => rank < other.rank);
    picked.splice(position === -1 ? picked.length : position, 0, { rank, row });
    if (picked.length > count) picked.pop();
  }
  return picked.map(({ row }) => row);
}
