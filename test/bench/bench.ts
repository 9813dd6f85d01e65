import { availableParallelism, totalmem } from 'node:os';
import { openLab } from './lab.ts';
import { measure } from './measurement/measure.ts';
import type { BenchOptions } from './options.ts';
import { type BenchReport, summarize } from './report/summarize.ts';
import { measureRound } from './round.ts';
import type { Sample } from './scenario.ts';

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
  progress(
    `filling an environment: about ${options.objects} objects, ${options.databaseBytes} bytes of text`,
  );
  await using lab = await openLab(options);
  const idle = await measure({ kind: 'idle', settings: lab.settings }, { signal, cpuProf });
  const samples: Sample[] = [];
  for (let round = 1; round <= runs; round += 1) {
    const measured = await measureRound({
      lab,
      round,
      measure: (task) => measure(task, { signal, cpuProf: task.kind === 'command' ? undefined : cpuProf }),
      begins: (scenario) => progress(`round ${round} of ${runs}: ${scenario}`),
    });
    samples.push(...measured);
  }
  const machine = {
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: process.platform,
    node: process.versions.node,
    postgresql: lab.tools.version,
  };
  return summarize({ machine, options, idle, samples });
}
