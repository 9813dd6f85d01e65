import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import { readJsonLinesUnverified } from '../repository/json-lines.ts';
import { backupPrefix, planPath } from '../repository/layout.ts';
import { planRowSchema } from '../repository/library-index.ts';
import { FaultyStore } from '../testing/faulty-store.ts';
import { attemptOf, backUpLibrary, signal } from '../testing/library-backup.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { type PlanRequest, planLibraryBackup } from './plan-backup.ts';

const attempt = attemptOf('retail-prd-backup-20251109-143001');
const request = {
  attempt,
  base: undefined,
  excludeGeneratedFiles: false,
  limits: { rows: 2, copyBytes: 1000 },
  signal,
} satisfies Partial<PlanRequest>;
const unavailable = new LcbError({ code: 'objectStore.unavailable', message: 'later', retryable: true });

async function library(...keys: readonly string[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const key of keys) await store.put(key, Buffer.from(key));
  return store;
}

describe('planning a library backup', () => {
  it('cuts the listing into shards that follow one another, each as full as it may be', async () => {
    const sizes = fc.array(fc.nat(20), { maxLength: 15 });
    const limits = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      copyBytes: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, limits, async (of, limit) => {
        const source = new MemoryStore();
        const backups = new MemoryStore();
        for (const [number, size] of of.entries())
          await source.put(`key-${String(number).padStart(2, '0')}`, Buffer.alloc(size));
        const plan = await planLibraryBackup({ ...request, source, backups, limits: limit });
        const shards: number[][] = [];
        for (let shard = 0; shard < plan.shards; shard += 1) {
          const key = backupPrefix(attempt, attempt.backupId) + planPath(1, shard);
          shards.push(
            (await toArray(readJsonLinesUnverified(backups, key, planRowSchema))).map(({ size }) => size),
          );
        }
        expect(shards.flat()).toEqual(of);
        const bytes = (rows: readonly number[]) => rows.reduce((sum, size) => sum + size, 0);
        for (const [number, rows] of shards.entries()) {
          expect(rows.length).toBeGreaterThan(0);
          expect(rows.length).toBeLessThanOrEqual(limit.rows);
          if (rows.length > 1) expect(bytes(rows.slice(0, -1))).toBeLessThan(limit.copyBytes);
          const isLast = number === shards.length - 1;
          if (!isLast) expect(rows.length === limit.rows || bytes(rows) >= limit.copyBytes).toBe(true);
        }
        expect(plan).toMatchObject({
          objects: of.length,
          bytes: bytes(of),
          copyObjects: of.length,
          copyBytes: bytes(of),
        });
      }),
      { numRuns: 40 },
    );
  });

  it('of an empty library has no shards', async () => {
    const plan = await planLibraryBackup({ ...request, source: await library(), backups: new MemoryStore() });
    expect(plan).toEqual({
      layout: { kind: 'empty' },
      shards: 0,
      objects: 0,
      bytes: 0,
      copyObjects: 0,
      copyBytes: 0,
      excludedObjects: 0,
      excludedBytes: 0,
    });
  });

  it('refuses a listing that is not sorted, or names a key twice', async () => {
    for (const lie of [
      ['a', 'c', 'b'],
      ['a', 'b', 'b'],
    ]) {
      const memory = await library('a', 'b', 'c');
      const source = new FaultyStore(memory);
      source.liesInListings((infos) => lie.flatMap((key) => infos.filter((info) => info.key === key)));
      await expect(
        planLibraryBackup({ ...request, source, backups: new MemoryStore() }),
      ).rejects.toBeInstanceOf(IntegrityError);
    }
  });

  it('copies again where the listing of the backup location lies', async () => {
    const source = await library('a', 'b', 'c');
    const backups = new MemoryStore();
    const base = await backUpLibrary({ source, backups, backupId: 'retail-prd-backup-20251109-143000' });
    const lying = new FaultyStore(backups);
    lying.liesInListings((infos) => [...infos].reverse().slice(1));
    const plan = await planLibraryBackup({ ...request, source, backups: lying, base: base.manifest });
    expect(plan.objects).toBe(3);
    expect(plan.copyObjects).toBeGreaterThan(0);
    await expect(
      planLibraryBackup({ ...request, source, backups, base: base.manifest }),
    ).resolves.toMatchObject({ copyObjects: 0 });
  });

  it('fails where the index of the base is damaged', async () => {
    const source = await library('a', 'b', 'c');
    const backups = new MemoryStore();
    const base = await backUpLibrary({
      source,
      backups,
      backupId: 'retail-prd-backup-20251109-143000',
      limits: request.limits,
    });
    const prefix = backupPrefix(attempt, base.manifest.backupId);
    for (const path of [base.unit.index.path, ...base.index.parts.map((part) => part.path)]) {
      const good = backups.bytes(prefix + path);
      backups.tamper(prefix + path, (bytes) => bytes.subarray(0, -1));
      await expect(
        planLibraryBackup({ ...request, source, backups, base: base.manifest }),
      ).rejects.toBeInstanceOf(IntegrityError);
      backups.tamper(prefix + path, () => good);
    }
    expect(backups.openBodies).toBe(0);
  });

  it('gives a shard ten times as many rows that cost no copy', async () => {
    const source = await library(...Array.from({ length: 50 }, (_, index) => `key-${10 + index}`));
    const backups = new MemoryStore();
    const backupId = 'retail-prd-backup-20251109-143000';
    const base = await backUpLibrary({ source, backups, backupId, limits: request.limits });
    await source.put('key-00', Buffer.from('new'));
    const plan = await planLibraryBackup({ ...request, source, backups, base: base.manifest });
    // Two rows each: the new one and ten others, then twenty and twenty.
    expect(plan).toMatchObject({ objects: 51, copyObjects: 1, shards: 3 });
  });

  it('ends every stream when a shard can not be written', async () => {
    const source = await library(...Array.from({ length: 50 }, (_, index) => `key-${10 + index}`));
    const memory = new MemoryStore({ chunkSize: 16 });
    const base = await backUpLibrary({
      source,
      backups: memory,
      backupId: 'retail-prd-backup-20251109-143000',
    });
    for (const nth of [1, 2, 3]) {
      const backups = new FaultyStore(memory);
      backups.fail('put', nth, unavailable);
      await expect(planLibraryBackup({ ...request, source, backups, base: base.manifest })).rejects.toBe(
        unavailable,
      );
      await expect.poll(() => memory.openBodies).toBe(0);
    }
  });

  it('stops when its signal fires', async () => {
    const source = await library('a', 'b', 'c');
    const reason = new Error('stopped');
    const plan = planLibraryBackup({
      ...request,
      source,
      backups: new MemoryStore(),
      signal: AbortSignal.abort(reason),
    });
    await expect(plan).rejects.toBe(reason);
  });
});
