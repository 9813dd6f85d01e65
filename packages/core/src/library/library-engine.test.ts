import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CopyControl } from '../ports/backup-provider.ts';
import { backupPrefix, environmentPrefix } from '../repository/layout.ts';
import type { IndexRow } from '../repository/library-index.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import {
  backUpLibrary,
  environment,
  type LibraryBackup,
  restoreLibrary,
  signal,
} from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { readIndex, reusableRows } from './base.ts';
import { compareKeys } from './compare-keys.ts';
import { compareWithIndex } from './compare-with-index.ts';
import { isGeneratedFile } from './generated-files.ts';
import { removeLeftovers } from './sweep-attempts.ts';

const keys = [
  '20097/0/30001.png/1.0',
  '20097/0/adaptive/Thumb/1',
  '20097/0/document_preview/7/1.0',
  '20097/20117/101/1.0',
  '20097/20117/101/1.0~6c9f',
  '20097/20117/101/1.1',
  '20097/20117/1010/1.0',
  '20097/objects-long/x/objects/y',
  '20097/ü/\u{ffee}/1.0',
  '20097/ü/\u{1f600}/1.0',
  `20097/${'long/'.repeat(20)}1.0`,
  `20097/${'long/'.repeat(20)}2.0`,
  'a',
  'a/b',
] as const;
/** Fits the hashed paths, and not the plain paths of the long keys. */
const longestKey = 150;

/** Where a store keeps versions, removing the newest uncovers the one before: each sweep takes one away. */
const mostVersions = 2;

const key = fc.constantFrom(...keys);
const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('put' as const), key, text: fc.string({ maxLength: 8 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** How the world is unkind to one backup. */
const round = fc.record({
  changes: fc.array(change, { maxLength: 10 }),
  mode: fc.constantFrom('incremental' as const, 'incremental' as const, 'full' as const),
  exclude: fc.boolean(),
  limits: fc.record({ rows: fc.integer({ min: 1, max: 5 }), copyBytes: fc.integer({ min: 1, max: 30 }) }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  timeOver: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  repeats: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
  /** While objects are read: before so many more reads, this happens at the source. */
  meanwhile: fc.array(fc.record({ reads: fc.integer({ min: 1, max: 6 }), change }), { maxLength: 4 }),
  /** Copies of older backups that are gone or have another size before this one begins. */
  damage: fc.array(
    fc.record({ copy: fc.nat(), kind: fc.constantFrom('remove' as const, 'resize' as const) }),
    { maxLength: 3 },
  ),
});

function cycle(values: readonly boolean[]): () => boolean {
  let at = -1;
  return () => {
    at += 1;
    return values[at % values.length] ?? false;
  };
}

/** A library whose every content is remembered by key and etag. */
class Source {
  readonly store: MemoryStore;
  readonly #contents = new Map<string, string>();

  constructor(versions: boolean) {
    this.store = new MemoryStore({ versions, bareListings: true });
  }

  async apply(made: Change): Promise<void> {
    if (made.kind === 'remove') return this.store.deleteMany([{ key: made.key }]);
    const options = { contentType: 'image/png', metadata: { text: made.text.length.toString() } };
    const { etag } = await this.store.put(made.key, Buffer.from(made.text), options);
    this.#contents.set(`${made.key} ${etag}`, made.text);
  }

  content(row: { readonly key: string; readonly etag: string }): string | undefined {
    return this.#contents.get(`${row.key} ${row.etag}`);
  }
}

const at = ({ copy }: IndexRow) => environmentPrefix(environment) + copy.path;

async function damageCopies(
  backups: MemoryStore,
  wanted: readonly { copy: number; kind: 'remove' | 'resize' }[],
): Promise<void> {
  for (const { copy, kind } of wanted) {
    const copies = backups
      .keys()
      .filter((path) => /\/objects(-long)?\//.test(path.replace(/\/attempts\/.*/, '')));
    const path = copies[copy % Math.max(1, copies.length)];
    if (path === undefined) return;
    const info = await backups.head(path);
    if (kind === 'remove') await backups.deleteMany(info === undefined ? [] : [info]);
    else backups.tamper(path, (bytes) => Buffer.concat([bytes, Buffer.from('!')]));
  }
}

/** Rows of the base whose copies are whole, found out the slow way. */
async function intactRows(backups: MemoryStore, base: LibraryBackup | undefined): Promise<IndexRow[]> {
  if (base === undefined) return [];
  const intact: IndexRow[] = [];
  for await (const row of readIndex(backups, environment, base.manifest)) {
    const { version } = row.copy;
    const info = await backups.head(at(row), version === undefined ? {} : { version });
    if (info?.size === row.size) intact.push(row);
  }
  return intact;
}

describe('the library engine', () => {
  it('makes complete backups, copies only what changed, restores the same bytes and leaves nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { minLength: 1, maxLength: 4 }),
        fc.record({ source: fc.boolean(), backups: fc.boolean() }),
        async (rounds, versions) => {
          const source = new Source(versions.source);
          const backups = new MemoryStore({
            versions: versions.backups,
            bareListings: true,
            longestKey,
            chunkSize: 64,
          });
          let last: LibraryBackup | undefined;
          for (const [number, wanted] of rounds.entries()) {
            for (const made of wanted.changes) await source.apply(made);
            await damageCopies(backups, wanted.damage);
            const base = wanted.mode === 'full' ? undefined : last;
            const reusable = await intactRows(backups, base);
            if (base !== undefined) {
              expect(await toArray(reusableRows(backups, environment, base.manifest))).toEqual(reusable);
            }
            last = await backUpAndCheck(
              source,
              backups,
              `retail-prd-backup-20251109-14300${number}`,
              wanted,
              base,
              reusable,
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

async function backUpAndCheck(
  source: Source,
  backups: MemoryStore,
  backupId: string,
  wanted: typeof round extends fc.Arbitrary<infer T> ? T : never,
  base: LibraryBackup | undefined,
  reusable: readonly IndexRow[],
): Promise<LibraryBackup> {
  const listed = (await toArray(source.store.list())).filter(
    (info) => !(wanted.exclude && isGeneratedFile(info.key)),
  );
  const busy = new FaultyStore(source.store);
  const touched = new Set<string>();
  const made = await backUpLibrary({
    source: busy,
    backups,
    backupId,
    base: base?.manifest,
    limits: wanted.limits,
    concurrency: wanted.concurrency,
    excludeGeneratedFiles: wanted.exclude,
    control: { signal, isTimeOver: cycle(wanted.timeOver), onCopied: async () => undefined },
    repeats: cycle(wanted.repeats),
    afterPlan: () => {
      for (const { reads, change: other } of wanted.meanwhile) {
        busy.before('get', reads, () => {
          touched.add(other.key);
          return source.apply(other);
        });
      }
    },
  });
  const rows = await toArray(readIndex(backups, environment, made.manifest));

  // Complete and sorted: everything that was listed, less what was removed before it was copied.
  expect(rows.map((row) => row.key)).toEqual([...rows.map((row) => row.key)].sort(compareKeys));
  const found = new Map(rows.map((row) => [row.key, row]));
  const vanished = listed.filter((info) => !found.has(info.key));
  for (const { key: gone } of vanished) expect(touched).toContain(gone);
  expect(rows.length).toBe(listed.length - vanished.length);
  expect(rows.filter((row) => !listed.some((info) => info.key === row.key))).toEqual([]);

  for (const row of rows) {
    // What is recorded is what was copied, and it is what the source held under that etag.
    const content = source.content(row);
    expect(content).toBeDefined();
    expect(backups.bytes(at(row), row.copy.version).toString()).toBe(content);
    expect(row.size).toBe(Buffer.byteLength(content ?? ''));
    expect(row).toMatchObject({ contentType: 'image/png', metadata: { text: String(content?.length) } });
    const info = listed.find((other) => other.key === row.key);
    if (!touched.has(row.key)) expect(row.etag).toBe(info?.etag);

    // Copied only if it has to be.
    const known = reusable.find((other) => other.key === row.key && other.etag === info?.etag);
    if (known === undefined) expect(row.copy.path).toContain(`backups/${backupId}/objects`);
    else expect(row.copy).toEqual(known.copy);
  }

  // The sums are true.
  const own = rows.filter((row) => row.copy.path.startsWith(`backups/${backupId}/`));
  const sum = (of: readonly { readonly size: number }[]) => of.reduce((total, { size }) => total + size, 0);
  expect(made.index).toMatchObject({
    objects: rows.length,
    bytes: sum(rows),
    copiedObjects: own.length,
    copiedBytes: sum(own),
    vanishedObjects: vanished.length,
    vanishedBytes: sum(vanished),
    references: [...new Set(rows.map((row) => row.copy.path.split('/')[1]))].sort(),
  });
  expect(made.plan).toMatchObject({ objects: listed.length, bytes: sum(listed) });
  expect(made.plan.bytes - made.index.vanishedBytes + made.index.replacedByteDifference).toBe(
    made.index.bytes,
  );

  // Nothing stays but what is referred to.
  const keep = new Set([made.unit.index.path, ...made.index.parts.map(({ path }) => path)]);
  for (let sweep = 0; sweep < mostVersions; sweep += 1) {
    await removeLeftovers(
      backups,
      environment,
      backupId,
      keep,
      readIndex(backups, environment, made.manifest),
    );
  }
  const prefix = backupPrefix(environment, backupId);
  const expected = [...[...keep].map((path) => prefix + path), ...own.map(at)].sort(compareKeys);
  expect(backups.keys(prefix)).toEqual(expected);

  // It restores alone, and the restored library is the one in the index.
  const target = new MemoryStore();
  const control: CopyControl = {
    signal,
    isTimeOver: cycle(wanted.timeOver),
    onCopied: async () => undefined,
  };
  expect(await restoreLibrary(backups, backupId, made.index, target, control)).toBe(rows.length);
  expect(target.keys()).toEqual(rows.map((row) => row.key));
  for (const row of rows) {
    expect(target.bytes(row.key).toString()).toBe(source.content(row));
    const { lastModified, contentType, metadata } = row;
    expect(await target.head(row.key)).toMatchObject({ lastModified, contentType, metadata });
  }
  expect(await compareWithIndex(target, readIndex(backups, environment, made.manifest))).toEqual({
    objects: rows.length,
    bytes: sum(rows),
    differing: 0,
    differences: [],
  });
  expect([source.store.openBodies, backups.openBodies, target.openBodies]).toEqual([0, 0, 0]);
  return made;
}
