import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { readIndex } from '../library/base.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { backupPrefix, environmentPrefix, manifestKey } from '../repository/layout.ts';
import { writeRecord } from '../repository/record.ts';
import { environment, restoreLibrary } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { type SealedBackup, sealBackup } from '../testing/sealed-backup.ts';
import { backupIds, sealedLocation } from '../testing/sealed-location.ts';
import { sequenceClock } from '../testing/sequence-clock.ts';
import { toArray } from '../testing/streams.ts';
import { testSigner } from '../testing/test-signer.ts';
import { findDead, type Marked } from './find-dead.ts';
import { reclaimable } from './reclaimable.ts';

const day = 86_400_000;
const start = Date.parse('2025-12-01T00:00:00.000Z');
const at = (days: number) => new Date(start + days * day).toISOString();
const [first, second, third] = backupIds;

describe('what a sweep takes away', () => {
  let location: Awaited<ReturnType<typeof sealedLocation>>;
  beforeEach(async () => {
    location = await sealedLocation();
  });

  const mark = (days = 0, inUse: readonly string[] = []) =>
    findDead({
      store: location.store,
      ref: environment,
      trustedKeys: location.trustedKeys,
      now: at(days),
      graceSeconds: 86_400,
      inUse: new Set(inUse),
    });
  const names = ({ dead }: Marked) => dead.map(({ backupId }) => backupId);
  const record = (type: 'deleted' | 'pinned' | 'held' | 'undeleted', backupId: string, days: number) =>
    writeRecord(location.store, location.signer, sequenceClock(), environment, `${type}-${days}`, {
      type,
      at: at(days),
      actor: 'ada',
      backupId,
      ...(type === 'deleted' ? { until: at(days + 7) } : {}),
    });
  const sweep = async (days: number) => {
    const removed: string[] = [];
    for (const dead of (await mark(days)).dead)
      for await (const object of reclaimable(location.store, environment, dead)) {
        if (object.isNeeded) continue;
        removed.push(object.key.slice(backupPrefix(environment, dead.backupId).length));
        await location.store.deleteMany([object]);
      }
    return removed;
  };
  const restored = async ({ backupId, library }: SealedBackup) => {
    const target = new MemoryStore();
    await restoreLibrary(location.store, backupId, library.index, target);
    return Object.fromEntries(target.keys().map((key) => [key, target.bytes(key).toString()]));
  };

  it('is a deleted backup once its grace is over, but not what later backups need of it', async () => {
    const before = await Promise.all(location.backups.map(restored));
    await record('deleted', first, 0);
    expect(names(await mark(7))).toEqual([]);
    expect(names(await mark(7.1))).toEqual([first]);
    const removed = await sweep(7.1);
    // The manifest first: what is left is never taken for a backup.
    expect(removed[0]).toBe('manifest.json');
    // doc2 and doc3 were changed later; the third backup needs the others still.
    expect(removed.filter((key) => key.startsWith('objects'))).toEqual(['objects/doc2']);
    expect(await Promise.all(location.backups.slice(1).map(restored))).toEqual(before.slice(1));
    expect(await sweep(8)).toEqual([]);
    await record('deleted', second, 8);
    expect(await sweep(16)).toEqual(expect.arrayContaining(['objects/doc3']));
    expect(await restored(location.backups[2] as SealedBackup)).toEqual(before[2]);
    await record('deleted', third, 17);
    await sweep(25);
    expect(location.store.keys(`${environmentPrefix(environment)}backups/`)).toEqual([]);
  });

  it.each([['pinned'], ['held'], ['undeleted']] as const)('is not one that is %s after all', async (type) => {
    await record('deleted', first, 0);
    await record(type, first, 1);
    expect(names(await mark(30))).toEqual([]);
  });

  it('is not one that a run at work needs', async () => {
    await record('deleted', first, 0);
    expect(names(await mark(30, [first]))).toEqual([]);
  });

  it('is a folder that was never sealed, a while after the last write to it', async () => {
    const leftOver = 'retail-prd-backup-20251130-000000';
    await location.store.put(`${backupPrefix(environment, leftOver)}attempts/1/plan.json`, Buffer.from('{}'));
    const written = (await toArray(location.store.list({ prefix: backupPrefix(environment, leftOver) })))[0];
    const days = (Date.parse(written?.lastModified ?? '') - start) / day;
    expect(names(await mark(days + 0.9))).toEqual([]);
    expect(names(await mark(days + 1.1, [leftOver]))).toEqual([]);
    expect((await mark(days + 1.1)).dead).toEqual([{ backupId: leftOver, why: 'neverSealed', neededBy: [] }]);
  });

  it.each([
    ['a manifest is damaged', (key: string) => key === manifestKey(environment, second)],
    ['a record is damaged', (key: string) => key.includes('/records/')],
  ])('is nothing where %s', async (_what, isVictim) => {
    await record('deleted', first, 0);
    const victim = location.store.keys().find(isVictim) ?? '';
    location.store.tamper(victim, (bytes) => bytes.subarray(1));
    await expect(mark(30)).rejects.toMatchObject({ code: 'sweep.unreadable' });
  });

  it('is nothing where a backup is missing although its run has ended well', async () => {
    await location.store.deleteMany([{ key: manifestKey(environment, second) }]);
    await expect(mark(30)).rejects.toMatchObject({ code: 'sweep.unreadable' });
    const rest = location.store.keys(backupPrefix(environment, second)).map((key) => ({ key }));
    await location.store.deleteMany(rest);
    await expect(mark(30)).rejects.toMatchObject({ code: 'sweep.unreadable' });
  });
});

type Act = 'write' | 'remove' | 'backup' | 'full' | 'delete' | 'wait' | 'sweep' | 'cutOff';

describe.each([{ versions: false }, { versions: true }])(
  'with %j, after anything that may happen',
  (options) => {
    it('every kept backup restores completely, and nothing unneeded stays past its grace', async () => {
      const act = fc.record({
        kind: fc.constantFrom<Act>('write', 'remove', 'backup', 'full', 'delete', 'wait', 'sweep', 'cutOff'),
        choice: fc.nat(7),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
          const world = new World(options);
          for (const { kind, choice } of acts) await world[kind](choice);
          await world.wait();
          await world.sweep();
          await world.expectAllKeptToRestore();
          await world.expectNothingUnneeded();
        }),
        { numRuns: 40 },
      );
    });
  },
);

/** An environment whose library changes, whose backups are made and deleted, and whose space is reclaimed. */
class World {
  readonly #source = new MemoryStore({ location: 'memory://library' });
  readonly #store: MemoryStore;
  readonly #signer = testSigner();
  readonly #kept: { readonly backup: SealedBackup; readonly library: Record<string, string> }[] = [];
  #days = 0;
  #made = 0;
  #writes = 0;

  constructor(options: { readonly versions: boolean }) {
    this.#store = new MemoryStore({ location: 'memory://backups', ...options });
  }

  async write(choice: number) {
    this.#writes += 1;
    await this.#source.put(`doc${choice}`, Buffer.from(`content ${this.#writes}`));
  }

  async remove(choice: number) {
    await this.#source.deleteMany([{ key: `doc${choice}` }]);
  }

  backup() {
    return this.#backUp(this.#kept.at(-1)?.backup);
  }

  full() {
    return this.#backUp(undefined);
  }

  async #backUp(base: SealedBackup | undefined) {
    this.#made += 1;
    const backupId = `retail-prd-backup-20251201-${String(this.#made).padStart(6, '0')}`;
    const backup = await sealBackup({
      source: this.#source,
      backups: this.#store,
      backupId,
      signer: this.#signer,
      ...(base === undefined ? {} : { base: base.library.manifest }),
    });
    this.#kept.push({ backup, library: contentOf(this.#source) });
  }

  async delete(choice: number) {
    const [deleted] = this.#kept.splice(choice % Math.max(1, this.#kept.length), 1);
    if (deleted === undefined) return;
    await writeRecord(this.#store, this.#signer, sequenceClock(), environment, `deleted-${this.#writes++}`, {
      type: 'deleted',
      at: at(this.#days),
      actor: 'ada',
      backupId: deleted.backup.backupId,
      until: at(this.#days + 7),
    });
    this.#days += 0.001;
  }

  async wait() {
    this.#days += 8;
  }

  async sweep(most = Number.POSITIVE_INFINITY) {
    const { dead } = await findDead({
      store: this.#store,
      ref: environment,
      trustedKeys: [this.#signer.trusted],
      now: at(this.#days),
      graceSeconds: 0,
      inUse: new Set(),
    });
    let removed = 0;
    for (const backup of dead)
      for await (const object of reclaimable(this.#store, environment, backup)) {
        if (object.isNeeded) continue;
        if (removed === most) return;
        removed += 1;
        await this.#store.deleteMany([object]);
      }
  }

  /** As if the process died after a few objects. */
  cutOff(choice: number) {
    return this.sweep(choice);
  }

  async expectAllKeptToRestore() {
    for (const { backup, library } of this.#kept) {
      const target = new MemoryStore();
      await restoreLibrary(this.#store, backup.backupId, backup.library.index, target);
      expect(contentOf(target)).toEqual(library);
      for (const { path } of await artefactsOf(this.#store, backup.manifest))
        expect(this.#store.keys()).toContain(backupPrefix(environment, backup.backupId) + path);
    }
  }

  async expectNothingUnneeded() {
    const ids = new Set(this.#kept.map(({ backup }) => backup.backupId));
    const needed = new Set<string>();
    for (const { backup } of this.#kept)
      for await (const { copy } of readIndex(this.#store, environment, backup.manifest))
        needed.add(environmentPrefix(environment) + copy.path);
    const foldersOfOthers = this.#store
      .keys(`${environmentPrefix(environment)}backups/`)
      .filter((key) => !ids.has(key.split('/')[3] ?? ''));
    expect(foldersOfOthers.filter((key) => !needed.has(key))).toEqual([]);
  }
}

function contentOf(store: MemoryStore): Record<string, string> {
  return Object.fromEntries(store.keys().map((key) => [key, store.bytes(key).toString()]));
}
