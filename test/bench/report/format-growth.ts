import type { GrowthPoint } from '../growth/measure-growth.ts';
import { markdownTable } from './markdown-table.ts';

const names = { list: 'list', diff: 'list and compare', copy: 'copy' } as const;

/** For a terminal and for `docs/performance.md` alike. */
export function formatGrowth(points: readonly GrowthPoint[]): string {
  return markdownTable(
    ['growth<', 'objects', 'shards at once', 'seconds', 'objects/s', 'CPU µs an object', 'peak MB'],
    points.map(({ kind, objects, shards, seconds, cpuSeconds, peakBytes }) => [
      names[kind],
      String(objects),
      shards === undefined ? '' : String(shards),
      seconds.toFixed(2),
      String(Math.round(objects / seconds)),
      ((cpuSeconds / objects) * 1e6).toFixed(1),
      (peakBytes / 1e6).toFixed(0),
    ]),
  );
}
