import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backupPrefix, environmentPrefix } from '../repository/layout.ts';
import { backUpLibrary, environment, unhurried } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { readIndex } from './base.ts';
import { everyTrace } from './every-version.ts';
import { mayHaveStrayCopies } from './stray-copies.ts';

const backupId = 'retail-prd-backup-20251109-143000';
const objects = `${backupPrefix(environment, backupId)}objects`;

/** What happens to an object while it is copied, the `nth` time that something is about to be written. */
interface Change {
  readonly nth: number;
  readonly key: string;
  readonly gone: boolean;
}

/** Backs a library up that goes on living, with calls that are repeated, and finds what no row refers to. */
async function strays(
  keys: readonly string[],
  changes: readonly Change[],
  options: { readonly versions: boolean; readonly folders: boolean; readonly repeats: readonly boolean[] },
) {
  const source = new MemoryStore();
  for (const key of keys) await source.put(key, Buffer.from(key));
  const backups = new MemoryStore({ versions: options.versions, folders: options.folders, longestKey: 140 });
  let writes = 0;
  const put = backups.put.bind(backups);
  Object.assign(backups, {
    put: async (...args: Parameters<typeof put>) => {
      const stored = await put(...args);
      writes += 1;
      for (const { key, gone } of changes.filter(({ nth }) => nth === writes)) {
        if (gone) await source.deleteMany([{ key }]);
        else if (source.keys().includes(key)) await source.put(key, Buffer.from(`${key} ${writes}`));
      }
      return stored;
    },
  });
  const repeats = [...options.repeats];
  let asked = 0;
  const isTimeOver = () => {
    asked += 1;
    return asked % 3 === 0;
  };
  const { manifest } = await backUpLibrary({
    source,
    backups,
    backupId,
    limits: { rows: 4, copyBytes: 1_000 },
    control: { ...unhurried, isTimeOver },
    repeats: () => repeats.shift() ?? false,
  });
  const rows = await toArray(readIndex(backups, environment, manifest));
  const known = new Set(
    rows.map(({ copy }) => `${environmentPrefix(environment)}${copy.path} ${copy.version}`),
  );
  const lying = await toArray(everyTrace(backups, objects));
  const found = lying.filter(({ key, version }) => !known.has(`${key} ${version}`));
  return { found, isLookedFor: await mayHaveStrayCopies(backups, { ...manifest, attempt: 1 }) };
}

it('there are none where it says so, whatever is deleted, replaced or repeated', async () => {
  const key = fc.oneof(
    fc.stringMatching(/^[ab]{1,3}$/),
    fc.stringMatching(/^[ab]\/[ab]$/),
    fc.constant('c'.repeat(100)),
  );
  let unlisted = 0;
  let strayed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 1, maxLength: 12 }),
      fc.array(fc.record({ nth: fc.integer({ min: 2, max: 30 }), key, gone: fc.boolean() }), {
        maxLength: 4,
      }),
      fc.record({
        versions: fc.boolean(),
        folders: fc.boolean(),
        repeats: fc.array(fc.boolean(), { maxLength: 8 }),
      }),
      async (keys, changes, options) => {
        const { found, isLookedFor } = await strays(keys, changes, options);
        if (found.length > 0) {
          strayed += 1;
          expect(isLookedFor).toBe(true);
        }
        if (!isLookedFor) unlisted += 1;
      },
    ),
    { numRuns: 150 },
  );
  // Both happen, or nothing was shown.
  expect(unlisted).toBeGreaterThan(10);
  expect(strayed).toBeGreaterThan(0);
});

it('they are looked for after another attempt, what has vanished, and a library that failed', async () => {
  const source = new MemoryStore();
  await source.put('a', Buffer.from('a'));
  const backups = new MemoryStore();
  const { manifest } = await backUpLibrary({ source, backups, backupId });
  const { documentLibrary } = manifest.units;
  expect(await mayHaveStrayCopies(backups, { ...manifest, attempt: 1 })).toBe(false);
  expect(await mayHaveStrayCopies(backups, { ...manifest, attempt: 2 })).toBe(true);
  expect(await mayHaveStrayCopies(backups, { attempt: 1, units: {} })).toBe(true);
  const unit = documentLibrary && { ...documentLibrary, vanishedObjects: 1 };
  expect(await mayHaveStrayCopies(backups, { attempt: 1, units: { documentLibrary: unit } })).toBe(true);
});
