import { copyShard, libraryUnitSchema, type ObjectStore, planBackupRows, planLibraryBackup } from '@lcb/core';
import { s3Connection, s3Store } from '@lcb/store-s3';
import { z } from 'zod';
import { processUsage } from '../measurement/process-usage.ts';
import { type BaseManifest, environment, writeBase } from './base-index.ts';

const baseSchema = z.object({
  backupId: z.string(),
  units: z.object({ documentLibrary: libraryUnitSchema }),
});

/** What one process does and is measured at, on buckets of the stub. */
export const growthTaskSchema = z.discriminatedUnion('kind', [
  /** Lists every object. */
  z.object({ kind: z.literal('list'), port: z.number(), objects: z.number() }),
  /** Compares every object with a base of which nothing has changed. */
  z.object({ kind: z.literal('diff'), port: z.number(), objects: z.number(), base: baseSchema }),
  /** Copies every object, in so many shards at once. */
  z.object({ kind: z.literal('copy'), port: z.number(), objects: z.number(), shards: z.number() }),
]);
export type GrowthTask = z.infer<typeof growthTaskSchema>;

export const growthUsageSchema = z.object({
  seconds: z.number(),
  /** From the beginning of the work on: neither the start of the process nor its modules. */
  cpuSeconds: z.number(),
  /** Highest memory of the process, all in all. */
  peakBytes: z.number(),
});
export type GrowthUsage = z.infer<typeof growthUsageSchema>;

function stubStores(port: number): { readonly library: ObjectStore; readonly backups: ObjectStore } {
  process.env.LCB_BENCH_STUB_KEY = 'stub';
  const key = 'env:LCB_BENCH_STUB_KEY';
  const settings = { endpoint: `http://127.0.0.1:${port}`, accessKeyId: key, secretAccessKey: key };
  // Indexes in one piece: the stub knows no uploads in parts.
  const options = { ...settings, multipartThreshold: 2 ** 30 };
  const connection = s3Connection(options, { resolve: async () => 'stub' });
  return { library: s3Store('s3://library', connection), backups: s3Store('s3://backups', connection) };
}

export function prepareBase(port: number, objects: number): Promise<BaseManifest> {
  return writeBase(stubStores(port).backups, objects);
}

/** Does it in this process. @throws RangeError where it did not do what it should */
export async function runGrowthTask(task: GrowthTask): Promise<GrowthUsage> {
  const began = performance.now();
  const before = process.cpuUsage();
  const done = await work(task);
  if (done !== task.objects) throw new RangeError(`${done} objects instead of ${task.objects}`);
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: processUsage('own').peakBytes,
  };
}

async function work(task: GrowthTask): Promise<number> {
  const { library, backups } = stubStores(task.port);
  const { signal } = new AbortController();
  let objects = 0;
  switch (task.kind) {
    case 'list': {
      for await (const _info of library.list()) objects += 1;
      return objects;
    }
    case 'diff': {
      const { base } = task;
      const request = { environment, source: library, backups, base, excludeGeneratedFiles: false, signal };
      const { rows } = planBackupRows(request);
      for await (const { reuse } of rows) if (reuse !== undefined) objects += 1;
      return objects;
    }
    case 'copy': {
      const backupId = 'retail-prd-backup-20250102-000000';
      const attempt = { ...environment, backupId, attempt: 1, location: 's3://backups' };
      const limits = { rows: Math.ceil(task.objects / task.shards), copyBytes: Number.MAX_SAFE_INTEGER };
      const plan = await planLibraryBackup({
        attempt,
        source: library,
        backups,
        base: undefined,
        excludeGeneratedFiles: false,
        limits,
        signal,
      });
      const control = { signal, isTimeOver: () => false, onCopied: async () => undefined };
      const shards = await Promise.all(
        Array.from({ length: plan.shards }, (_, shard) =>
          copyShard({ attempt, source: library, backups, shard, cursor: 0, concurrency: 16, control }),
        ),
      );
      return shards.reduce((sum, { copiedObjects }) => sum + copiedObjects, 0);
    }
  }
}
