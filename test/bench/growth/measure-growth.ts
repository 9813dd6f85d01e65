import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../report/median.ts';
import { copiesPrefix } from './base-index.ts';
import { type GrowthTask, type GrowthUsage, growthUsageSchema, prepareBase } from './growth-task.ts';

export interface GrowthOptions {
  readonly runs: number;
  /** Numbers of objects, smallest first. */
  readonly objects: readonly number[];
  /** Numbers of shards that are copied at once. */
  readonly shards: readonly number[];
  /** Objects that each copy is of. */
  readonly copied: number;
}

/** Medians, but the highest of the peaks. */
export interface GrowthPoint extends GrowthUsage {
  readonly kind: GrowthTask['kind'];
  readonly objects: number;
  /** Only of a copy. */
  readonly shards?: number;
}

const run = promisify(execFile);
const taskMain = fileURLToPath(new URL('growth-task-main.ts', import.meta.url));
const stubMain = fileURLToPath(new URL('stub-bucket-main.ts', import.meta.url));

/** How the service collects its garbage. */
const asTheService = ['--max-semi-space-size=8', '--heap-growing-percent=50'];

/** How cost grows with objects and with shards, against a server that costs next to nothing. */
export async function measureGrowth(
  options: GrowthOptions,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (line: string) => void },
): Promise<readonly GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  const measure = async (task: GrowthTask): Promise<void> => {
    const usages: GrowthUsage[] = [];
    for (let round = 0; round < options.runs; round += 1) {
      const args = [...asTheService, taskMain, JSON.stringify(task)];
      const { stdout } = await run(process.execPath, args, { signal });
      usages.push(growthUsageSchema.parse(JSON.parse(stdout)));
    }
    points.push({
      kind: task.kind,
      objects: task.objects,
      ...(task.kind === 'copy' ? { shards: task.shards } : {}),
      seconds: median(usages.map(({ seconds }) => seconds)),
      cpuSeconds: median(usages.map(({ cpuSeconds }) => cpuSeconds)),
      peakBytes: Math.max(...usages.map(({ peakBytes }) => peakBytes)),
    });
  };
  for (const objects of options.objects) {
    progress(`listing and comparing ${objects} objects`);
    await withStub(objects, signal, async (port) => {
      await measure({ kind: 'list', port, objects });
      await measure({ kind: 'diff', port, objects, base: await prepareBase(port, objects) });
    });
  }
  for (const shards of options.shards) {
    progress(`copying ${options.copied} objects in ${shards} shards`);
    await withStub(options.copied, signal, (port) =>
      measure({ kind: 'copy', port, objects: options.copied, shards }),
    );
  }
  return points;
}

async function withStub(
  objects: number,
  signal: AbortSignal,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const args = [stubMain, String(objects), copiesPrefix];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], signal });
  const ended = once(child, 'exit');
  try {
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error('The stub of a server did not start.'))),
    ]);
    await use(Number(line));
  } finally {
    child.stdin.end();
    await ended;
  }
}
