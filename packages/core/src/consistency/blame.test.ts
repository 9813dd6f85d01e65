import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparing, namingRow, type Objects } from '../testing/pair.ts';
import type { NamingRow } from './expected-objects.ts';

/** Moments of a backup, in ticks of a source that goes on living. */
const firstListing = 4;
const databaseMoment = 8;
const secondListing = 12;
const copy = 16;
const end = 20;

const acts = ['upload', 'uploadRowOnly', 'removeFile', 'removeBoth', 'replace'] as const;
interface Act {
  readonly tick: number;
  readonly what: (typeof acts)[number];
  readonly file: number;
  readonly size: number;
}
const anyAct = fc.record({
  tick: fc.integer({ min: 0, max: end }),
  what: fc.constantFrom(...acts),
  file: fc.integer({ min: 1, max: 4 }),
  size: fc.integer({ min: 1, max: 3 }),
});

interface Source {
  readonly objects: Map<string, { size: number; etag: string }>;
  readonly rows: Map<string, { size: number; tick: number }>;
}

const keyOf = (file: number) => `20097/20121/${file}/1.0`;
const timeOf = (tick: number) => new Date(Date.UTC(2025, 0, 1) + tick * 1000).toISOString();

/** The source at the end of a tick. What Liferay does with a file: row and object, in the order in which it does. */
function sourceAt(history: readonly Act[], tick: number): Source {
  const source: Source = { objects: new Map(), rows: new Map() };
  for (const [number, act] of history.entries()) {
    if (act.tick > tick) break;
    const key = keyOf(act.file);
    const etag = `e${number}`;
    if (act.what === 'upload') source.objects.set(key, { size: act.size, etag });
    // By hand, and never to what it was before: nobody could tell.
    if (act.what === 'replace' && source.objects.has(key))
      source.objects.set(key, { size: 10 + number, etag });
    if (act.what === 'upload' || act.what === 'uploadRowOnly')
      source.rows.set(key, { size: act.size, tick: act.tick });
    if (act.what === 'removeFile' || act.what === 'removeBoth') source.objects.delete(key);
    if (act.what === 'removeBoth') source.rows.delete(key);
  }
  return source;
}

const sizes = ({ objects }: Source): Objects =>
  Object.fromEntries([...objects].map(([key, { size }]) => [key, size]));

/** What a backup makes of it: the copy has what was listed and is still there, as it is then. */
async function certify(history: readonly Act[], shift: number) {
  const at = (tick: number) => sourceAt(history, tick + shift);
  const listed = at(secondListing);
  const copied = [...at(copy).objects].filter(([key]) => listed.objects.has(key));
  const rows: NamingRow[] = [...at(databaseMoment).rows].map(([key, { size, tick }]) =>
    namingRow(key, { size, times: [timeOf(tick)] }),
  );
  return comparing({
    rows,
    before: sizes(at(firstListing)),
    listedEtags: Object.fromEntries([...listed.objects].map(([key, { etag }]) => [key, etag])),
    listed: sizes(listed),
    found: Object.fromEntries(copied.map(([key, { size }]) => [key, size])),
    foundEtags: Object.fromEntries(copied.map(([key, { etag }]) => [key, etag])),
    companies: ['20097'],
    uncertain: { from: timeOf(firstListing + shift), to: timeOf(databaseMoment + shift) },
  });
}

describe('blame, whatever happens at the source while a backup runs', () => {
  const anyHistory = fc
    .array(anyAct, { maxLength: 12 })
    .map((history) => [...history].sort((one, other) => one.tick - other.tick));

  it('acquits the backup only of what was at no time right since it began', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const { findings } = await certify(history, 0);
        for (const finding of findings) {
          if (finding.kind === 'unreferenced') continue;
          const row = sourceAt(history, databaseMoment).rows.get(finding.key);
          const wasRight = [firstListing, databaseMoment, secondListing].some(
            (tick) => sourceAt(history, tick).objects.get(finding.key)?.size === row?.size,
          );
          const isNew = row !== undefined && row.tick >= firstListing && row.tick <= databaseMoment;
          if (finding.blame === 'source') expect(wasRight && !isNew, finding.key).toBe(false);
          // And it is accused only of what changed, or may have, while it ran.
          else
            expect(
              isNew || history.some(({ tick, file }) => tick >= firstListing && keyOf(file) === finding.key),
            ).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('accuses the backup of nothing once the source is quiet: the next attempt always fits', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        const { counts } = await certify(history, end);
        expect(counts.introduced).toBe(0);
        expect(counts.arrived).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
