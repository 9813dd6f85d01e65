import { availableParallelism, totalmem } from 'node:os';
import { chooseServerMajor } from '@lcb/embedded-postgres';
import { openBucketLab } from './bucket-lab.ts';
import { measureBucketRound } from './bucket-round.ts';
import { openDatabaseLab } from './databases/database-lab.ts';
import { measureDatabaseRound } from './databases/database-round.ts';
import { presentServers } from './databases/servers.ts';
import { type GrowthOptions, measureGrowth } from './growth/measure-growth.ts';
import { openLab } from './lab.ts';
import { openLargeLab } from './large-lab.ts';
import { measureLargeRound } from './large-round.ts';
import { measure } from './measurement/measure.ts';
import type { Measurement, Task } from './measurement/measurement.ts';
import type { BenchOptions } from './options.ts';
import { type BenchReport, summarize } from './report/summarize.ts';
import { measureRound } from './round.ts';
import type { Sample, Scenario } from './scenario.ts';

export interface BenchProgress {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Fills an environment in a temporary folder, measures every scenario as often as asked, and removes everything again. */
export async function runBench(
  options: BenchOptions,
  { signal, progress }: BenchProgress,
): Promise<BenchReport> {
  const { cpuProf, runs } = options;
  const samples: Sample[] = [];
  const contextOf = (round: number) => ({
    round,
    measure: (task: Task) =>
      measure(task, { signal, cpuProf: task.kind === 'command' ? undefined : cpuProf }),
    begins: (scenario: Scenario) => progress(`round ${round} of ${runs}: ${scenario}`),
  });
  let idle: Measurement | undefined;
  const parts = (part: BenchOptions['only']) => options.only === 'all' || options.only === part;
  if (parts('buckets')) {
    progress(`filling a bucket: ${options.bucketObjects} objects`);
    await using lab = await openBucketLab(options.bucketObjects, progress);
    idle = await measure({ kind: 'idle', settings: lab.settings }, { signal, cpuProf });
    for (let round = 1; round <= runs; round += 1)
      samples.push(...(await measureBucketRound({ ...contextOf(round), lab })));
  }
  if (parts('large')) {
    progress(`filling a bucket: ${options.largeObjects} objects of 100 MiB`);
    await using lab = await openLargeLab(options.largeObjects, progress);
    idle ??= await measure({ kind: 'idle', settings: lab.settings }, { signal, cpuProf });
    for (let round = 1; round <= runs; round += 1)
      samples.push(...(await measureLargeRound({ ...contextOf(round), lab })));
  }
  const servers = parts('databases') ? await presentServers(progress) : [];
  for (const server of servers) {
    progress(`filling ${server.name}: about ${options.databaseMb} MB`);
    await using lab = await openDatabaseLab(server, options.databaseMb * 1e6, progress);
    idle ??= await measure({ kind: 'idle', settings: lab.settings }, { signal, cpuProf });
    for (let round = 1; round <= runs; round += 1)
      samples.push(...(await measureDatabaseRound({ ...contextOf(round), lab })));
  }
  const { tools } = await chooseServerMajor();
  if (parts('folders')) {
    progress(
      `filling an environment: about ${options.objects} objects, ${options.databaseBytes} bytes of text`,
    );
    await using lab = await openLab(options);
    idle ??= await measure({ kind: 'idle', settings: lab.settings }, { signal, cpuProf });
    for (let round = 1; round <= runs; round += 1)
      samples.push(...(await measureRound({ ...contextOf(round), lab })));
  }
  const growth = parts('growth') ? await measureGrowth(growthOptions(options), { signal, progress }) : [];
  const machine = {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: process.platform,
    node: process.versions.node,
    postgresql: tools.version,
    mariadb: servers.find(({ name }) => name === 'MariaDB')?.version ?? null,
  };
  return { ...summarize({ machine, options, idle, samples }), growth };
}

function growthOptions({ growthObjects, runs }: BenchOptions): GrowthOptions {
  const objects = [100, 10, 1].map((part) => Math.round(growthObjects / part));
  return { runs, objects, shards: [1, 2, 4, 8], copied: Math.min(20_000, growthObjects) };
}
