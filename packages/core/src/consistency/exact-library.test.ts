import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectVersion } from '../ports/object-store.ts';
import { toArray, watched } from '../testing/streams.ts';
import { exactLibrary, noTally } from './exact-library.ts';
import type { ExpectedObject } from './expected-objects.ts';

/** Bytes that came, or a removal. */
interface Event {
  readonly second: number;
  readonly size: number | 'removed';
}

const time = (second: number) => new Date(Date.UTC(2025, 0, 1) + second * 1000).toISOString();

/** `5@10 x@11`: 5 bytes came in second 10, and were removed in second 11. */
function timeline(text: string): Event[] {
  return text.split(' ').map((event) => {
    const [what, second] = event.split('@');
    return { second: Number(second), size: what === 'x' ? 'removed' : Number(what) };
  });
}

/** As a bucket lists them. */
function versionsOf(key: string, happened: string | readonly Event[]): ObjectVersion[] {
  const events = typeof happened === 'string' ? timeline(happened) : happened;
  return events
    .map(({ second, size }, index) => ({
      key,
      version: `v${index}`,
      isLatest: index === events.length - 1,
      isDeleteMarker: size === 'removed',
      size: size === 'removed' ? 0 : size,
      etag: size === 'removed' ? '' : `e${index}`,
      lastModified: time(second),
    }))
    .reverse();
}

function named(key: string, sizes: readonly (number | null)[], ctCollectionId = '0'): ExpectedObject {
  const row = { key, table: 'DLFileVersion' as const, companyId: '1', title: null, times: [] };
  return { key, rows: sizes.map((size, id) => ({ ...row, id: String(id), ctCollectionId, size })) };
}

interface Told {
  /** Keys that a listing showed before the moment. */
  readonly before?: readonly string[];
  readonly settled?: number;
  readonly leftOut?: string;
}

async function choose(
  versions: readonly ObjectVersion[],
  expected: readonly ExpectedObject[],
  end: number,
  { before = [], settled = 0, leftOut }: Told = {},
) {
  const tally = noTally();
  const [listing, rows, listed] = [
    watched(versions),
    watched(expected),
    watched(before.map((key) => ({ key }))),
  ];
  const chosen = await toArray(
    exactLibrary({
      versions: listing,
      expected: rows,
      before: listed,
      until: time(end),
      settled: time(settled),
      isLeftOut: (key) => key === leftOut,
      location: 'memory://x',
      tally,
    }),
  );
  // What was begun is ended.
  for (const stream of [listing, rows, listed]) expect(stream.ended || stream.taken === 0).toBe(true);
  return { chosen, tally };
}

describe('the library of a moment', () => {
  it.each<[string, string, readonly (number | null)[] | undefined, string | undefined]>([
    ['has what is there and was there before', '5@1', undefined, 'v0'],
    ['has what was deleted since', '5@1 x@20', undefined, 'v0'],
    ['has not what was deleted before', '5@1 x@9', undefined, undefined],
    ['has what was deleted before its row was', '5@1 x@9', [5], 'v0'],
    ['has not what came since', '5@11', undefined, undefined],
    ['has what a row names though it seems to have come since', '5@11', [5], 'v0'],
    ['… the first such', '6@11 5@12 5@13', [5], 'v1'],
    ['has what was replaced since', '5@1 6@12', undefined, 'v0'],
    ['has what was replaced before', '5@1 6@9', undefined, 'v1'],
    ['has what was replaced before its row was', '5@1 6@9', [5], 'v0'],
    ['has the newest of a size', '5@1 5@2 6@3 5@12', [5], 'v1'],
    ['has any size where rows name none', '5@1 6@9 x@9', [null], 'v1'],
    ['has what was current where no size fits', '5@1 6@9 7@11', [8], 'v1'],
    ['has nothing where no size fits and it was gone', '5@1 x@9', [8], undefined],
    ['counts the very end as before', '5@10', undefined, 'v0'],
  ])('%s', async (_name, events, sizes, version) => {
    const rows = sizes === undefined ? [] : [named('b', sizes)];
    const { chosen } = await choose(versionsOf('b', events), rows, 10);
    expect(chosen.map((info) => info.version)).toEqual(version === undefined ? [] : [version]);
  });

  it('counts what a listing would show otherwise, and passes keys of either side', async () => {
    const versions = [
      ...versionsOf('a', '5@1 x@11'),
      ...versionsOf('b', '5@1 6@11'),
      ...versionsOf('c', '5@11'),
      ...versionsOf('e', 'x@1'),
      ...versionsOf('f', '5@1'),
    ];
    const expected = ['0', 'a', 'd', 'f', 'g'].map((key) => named(key, [5]));
    const { chosen, tally } = await choose(versions, expected, 10);
    expect(chosen.map(({ key, size }) => [key, size])).toEqual([
      ['a', 5],
      ['b', 5],
      ['f', 5],
    ]);
    expect(tally).toEqual({ ...noTally(), deleted: 1, replaced: 1, later: 1 });
  });

  it('has what was listed before the moment, though its versions seem to have come since', async () => {
    const versions = [
      ...versionsOf('a', '5@11 6@12'),
      ...versionsOf('b', '5@11 x@12'),
      ...versionsOf('c', '5@11'),
    ];
    const { chosen, tally } = await choose(versions, [], 10, { before: ['a', 'b'] });
    expect(chosen.map(({ key, size }) => [key, size])).toEqual([
      ['a', 5],
      ['b', 5],
    ]);
    expect(tally).toEqual({ ...noTally(), deleted: 1, replaced: 1, later: 1 });
  });

  it('has not what was listed before the moment and deleted until then', async () => {
    expect((await choose(versionsOf('a', '5@1 x@9'), [], 10, { before: ['a'] })).chosen).toEqual([]);
  });

  it('counts as lost what was listed before the moment and has no version, wherever its key lies', async () => {
    const before = ['0', 'a', 'b', 'c', 'z'];
    const versions = [...versionsOf('a', '5@1'), ...versionsOf('c', 'x@1')];
    expect((await choose(versions, [], 10, { before })).tally).toEqual({ ...noTally(), lost: 3 });
    expect((await choose(versions, [], 10, { before, leftOut: '0' })).tally.lost).toBe(2);
    expect((await choose([], [], 10, { before })).tally.lost).toBe(5);
  });

  it('counts as healed what was gone or replaced for longer than a transaction lasts, though a row names it', async () => {
    const versions = [
      ...versionsOf('a', '5@1 x@2'),
      ...versionsOf('b', '5@1 6@2'),
      ...versionsOf('c', '5@1 x@9'),
    ];
    const rows = ['a', 'b', 'c'].map((key) => named(key, [5]));
    const { chosen, tally } = await choose(versions, rows, 10, { settled: 5 });
    expect(chosen.map(({ size }) => size)).toEqual([5, 5, 5]);
    expect(tally).toEqual({ ...noTally(), healed: 2, deleted: 1 });
  });

  it('fetches nothing from an archive because a row is wrong', async () => {
    const versions = versionsOf('a', '5@1 6@2').map((version) =>
      version.size === 5 ? { ...version, isArchived: true as const } : version,
    );
    expect((await choose(versions, [named('a', [5])], 10)).chosen).toMatchObject([{ size: 6 }]);
  });

  it('does not count what is left out of the backup', async () => {
    const { chosen, tally } = await choose(versionsOf('a', '5@1 x@11'), [], 10, { leftOut: 'a' });
    expect([chosen.length, tally]).toEqual([1, noTally()]);
  });

  it('goes by times where versions come out of order, as two pages of a server may', async () => {
    const versions = versionsOf('a', '5@1 6@2 x@3 7@4').reverse();
    expect((await choose(versions, [], 3)).chosen).toEqual([]);
    expect((await choose(versions, [named('a', [6])], 3)).chosen).toMatchObject([{ size: 6 }]);
    expect((await choose(versions, [], 2)).chosen).toMatchObject([{ size: 6 }]);
  });

  it('goes by production where publications name another size, and by them where nothing else names it', async () => {
    const versions = versionsOf('a', '5@1 6@2');
    const both = {
      key: 'a',
      rows: [...named('a', [5]).rows, ...named('a', [6], '7').rows],
    };
    expect((await choose(versions, [both], 10)).chosen).toMatchObject([{ size: 5 }]);
    expect((await choose(versions, [named('a', [5], '7')], 10)).chosen).toMatchObject([{ size: 5 }]);
  });

  it('refuses a listing whose keys are not sorted', async () => {
    const versions = [...versionsOf('b', '5@1'), ...versionsOf('a', '5@1')];
    await expect(choose(versions, [], 10)).rejects.toMatchObject({ code: 'integrity.unsorted' });
  });

  /**
   * Writers as Liferay has them, each file by itself: an object is written before its transaction commits, removed before its
   * transaction commits, replaced before it commits; some transactions are rolled back.
   */
  it('has for every row of any moment the object of that row, whatever writers do meanwhile', async () => {
    const change = fc.record({
      what: fc.constantFrom('write' as const, 'remove' as const),
      pause: fc.nat(6),
      /** Seconds from the object to the commit. */
      commit: fc.nat(6),
      isRolledBack: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 }),
        fc.nat(30),
        fc.nat(2),
        async (files, moment, blur) => {
          const versions: ObjectVersion[] = [];
          const expected: ExpectedObject[] = [];
          const still = new Map<string, ObjectVersion | undefined>();
          for (const [index, changes] of files.entries()) {
            const key = String(index).padStart(3, '0');
            const events: Event[] = [];
            let second = 0;
            let row: number | undefined;
            let rowAtMoment: number | undefined;
            for (const [position, { what, pause, commit, isRolledBack }] of changes.entries()) {
              second += pause;
              if (what === 'remove' && row === undefined) continue;
              const size = what === 'write' ? position + 1 : undefined;
              events.push({ second, size: size ?? 'removed' });
              second += commit;
              if (isRolledBack) continue;
              row = size;
              if (second <= moment) rowAtMoment = row;
            }
            const all = versionsOf(key, events);
            versions.push(...all);
            if (rowAtMoment !== undefined) expected.push(named(key, [rowAtMoment]));
            still.set(
              key,
              all.find(({ lastModified }) => lastModified <= time(moment + blur)),
            );
          }
          const { chosen } = await choose(versions, expected, moment + blur);
          const sizes = new Map(chosen.map(({ key, size }) => [key, size]));
          for (const { key, rows } of expected) expect([key, sizes.get(key)]).toEqual([key, rows[0]?.size]);
          for (const [key, version] of still) {
            if (expected.some((object) => object.key === key)) continue;
            expect(sizes.get(key)).toBe(version?.isDeleteMarker === false ? version.size : undefined);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
