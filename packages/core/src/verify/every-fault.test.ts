import { beforeAll, describe, expect, it } from 'vitest';
import { type ReadingLevel, readingLevelSchema } from '../model/verification.ts';
import { backupPrefix, recordsPrefix } from '../repository/layout.ts';
import { environment, signal } from '../testing/library-backup.ts';
import type { MemoryStore } from '../testing/memory-store.ts';
import { backupIds, type SealedLocation, sealedLocation } from '../testing/sealed-location.ts';
import { type LocationReport, verifyLocation } from './verify-location.ts';

type Bytes = Buffer | undefined;
type Way = readonly [string, (bytes: Buffer) => Bytes];

/** Every file of three sealed backups, and every way to spoil it. */
describe('verifying a location of which one file is spoiled', () => {
  let location: SealedLocation;
  let store: MemoryStore;
  let original: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    location = await sealedLocation();
    store = location.store;
    original = new Map(store.keys().map((key) => [key, store.bytes(key)]));
  });

  const verify = (level: ReadingLevel) =>
    verifyLocation({
      store,
      trustedKeys: location.trustedKeys,
      level,
      // More than there are.
      sample: { size: 100, seed: 'seed' },
      concurrency: 3,
      signal,
      onProgress: () => undefined,
    });

  /** Verifies with these files changed, and puts them back. */
  async function withChanged(
    changes: ReadonlyMap<string, Bytes>,
    level: ReadingLevel = 'full',
  ): Promise<LocationReport> {
    for (const [key, bytes] of changes) {
      if (bytes === undefined) await store.deleteMany([{ key }]);
      else store.tamper(key, () => bytes);
    }
    const report = await verify(level);
    for (const key of changes.keys()) {
      const good = original.get(key);
      if (good !== undefined) await store.put(key, good);
    }
    return report;
  }

  /** Each changed file is named, and whatever is said is said of one of them. */
  function expectBlamed(report: LocationReport, changed: readonly string[], how: string): void {
    const [only] = report.environments;
    const told = [
      ...(only?.problems.texts ?? []).map((text) => ({ text, prefix: '' })),
      ...(only?.backups ?? []).flatMap(({ backupId, problems }) =>
        problems.texts.map((text) => ({ text, prefix: backupPrefix(environment, backupId) })),
      ),
    ];
    const blamed = told.map(({ text, prefix }) =>
      [...original.keys()].filter(
        (key) =>
          text.includes(key) ||
          (prefix !== '' && key.startsWith(prefix) && text.includes(key.slice(prefix.length))),
      ),
    );
    expect(report.ok, how).toBe(false);
    expect([...new Set(blamed.flat())].sort(), `${how}: ${told.map(({ text }) => text).join('\n')}`).toEqual(
      [...changed].sort(),
    );
    expect(
      blamed.every((keys) => keys.length > 0),
      how,
    ).toBe(true);
  }

  const files = () => [...original.keys()].filter((key) => key.includes('/backups/'));
  const records = () => [...original.keys()].filter((key) => key.startsWith(recordsPrefix(environment)));
  const bytesOf = (key: string): Buffer => original.get(key) ?? Buffer.alloc(0);
  const ways: readonly [Way, ...Way[]] = [
    ['a flipped bit in the middle', (bytes) => flipped(bytes, Math.floor(bytes.length / 2))],
    ['a flipped bit at the end', (bytes) => flipped(bytes, bytes.length - 1)],
    ['cut', (bytes) => bytes.subarray(0, -1)],
    ['longer', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
    ['empty', () => Buffer.alloc(0)],
    ['removed', () => undefined],
  ];

  it('finds nothing wrong with a good one, nor anything that does not belong there', async () => {
    for (const level of readingLevelSchema.options) {
      const report = await verify(level);
      expect(report).toMatchObject({ ok: true, strangers: { count: 0 } });
      const [only] = report.environments;
      expect(only?.backups.map(({ backupId }) => backupId)).toEqual(backupIds);
      for (const { problems, warnings } of only?.backups ?? []) {
        expect([problems.texts, warnings.texts]).toEqual([[], []]);
      }
    }
    expect(files().length).toBeGreaterThan(30);
    expect(store.openBodies).toBe(0);
  });

  it.each(ways)('by name: %s', async (way, spoil) => {
    for (const key of files()) {
      expectBlamed(await withChanged(new Map([[key, spoil(bytesOf(key))]])), [key], `${way}: ${key}`);
    }
    // That a record is gone can't be seen by what is left.
    if (way === 'removed') return;
    for (const key of records()) {
      expectBlamed(await withChanged(new Map([[key, spoil(bytesOf(key))]])), [key], `${way}: ${key}`);
    }
  });

  it('by name, where the sample is everything', async () => {
    const [[way, spoil]] = ways;
    for (const key of files()) {
      const report = await withChanged(new Map([[key, spoil(bytesOf(key))]]), 'sample');
      expectBlamed(report, [key], `sample, ${way}: ${key}`);
    }
  });

  it('by name: swapped with a sibling', async () => {
    for (const [position, key] of files().entries()) {
      const sibling = files().find(
        (other, at) => at > position && isCopy(other) === isCopy(key) && !bytesOf(other).equals(bytesOf(key)),
      );
      if (sibling === undefined) continue;
      const changes = new Map([
        [key, bytesOf(sibling)],
        [sibling, bytesOf(key)],
      ]);
      // Of what a spoiled list names, nobody knows any more what it ought to be.
      const judged = [key, sibling].filter((each) => ![key, sibling].some((other) => isListOf(other, each)));
      expectBlamed(await withChanged(changes), judged, `${key} and ${sibling}`);
    }
  });

  it('by name: replaced by the file of the same name of another backup', async () => {
    let replaced = 0;
    for (const key of files()) {
      for (const backupId of backupIds) {
        const other = bytesOf(key.replace(/retail-prd-backup-[\d-]+/, backupId));
        if (other.length === 0 || other.equals(bytesOf(key))) continue;
        replaced += 1;
        expectBlamed(await withChanged(new Map([[key, other]])), [key], `${key} by that of ${backupId}`);
      }
    }
    expect(replaced).toBeGreaterThan(20);
  });

  it('by name without reading the bytes, where presence or size is wrong', async () => {
    for (const [way, spoil] of ways.filter(([name]) => /cut|longer|empty|removed/.test(name))) {
      for (const key of files()) {
        const report = await withChanged(new Map([[key, spoil(bytesOf(key))]]), 'quick');
        expectBlamed(report, [key], `quick, ${way}: ${key}`);
      }
    }
  });
});

/** Does the first file hold the hash of the second? */
function isListOf(list: string, key: string): boolean {
  const folder = /^(.*\/)(?:manifest|dump|index)\.json$/.exec(list)?.[1];
  const isCertificate = list.endsWith('/consistency.json') && key.endsWith('/consistency-findings.jsonl.zst');
  return isCertificate || (folder !== undefined && list !== key && key.startsWith(folder));
}

function isCopy(key: string): boolean {
  return key.includes('/objects/');
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
