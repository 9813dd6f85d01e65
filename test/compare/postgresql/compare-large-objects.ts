import type { Client } from 'pg';
import type { DifferenceLog } from '../difference-log.ts';
import { mergeSorted } from '../merge.ts';
import { type LargeObject, listLargeObjects } from './large-objects.ts';

interface LargeObjectFigures {
  count: number;
  bytes: number;
}

/** Compares oid, size and content of all large objects. */
export async function compareLargeObjects(
  a: Client,
  b: Client,
  log: DifferenceLog,
): Promise<{ a: LargeObjectFigures; b: LargeObjectFigures }> {
  const figures = { a: { count: 0, bytes: 0 }, b: { count: 0, bytes: 0 } };
  for await (const pair of mergeSorted(listLargeObjects(a), listLargeObjects(b), (x, y) => x.oid - y.oid)) {
    if (pair.in !== 'b') count(figures.a, pair.a);
    if (pair.in !== 'a') count(figures.b, pair.b);
    if (pair.in === 'a')
      log.add('large object missing', String(pair.a.oid), `missing in b; in a: ${text(pair.a)}`);
    else if (pair.in === 'b') log.add('large object added', String(pair.b.oid), `only in b: ${text(pair.b)}`);
    else if (pair.a.sha256 !== pair.b.sha256) {
      log.add('large object content', String(pair.a.oid), `a: ${text(pair.a)} | b: ${text(pair.b)}`);
    }
  }
  return figures;
}

function count(figures: LargeObjectFigures, { size }: LargeObject): void {
  figures.count += 1;
  figures.bytes += size;
}

function text({ size, sha256 }: LargeObject): string {
  return `${size} bytes, sha256 ${sha256}`;
}
