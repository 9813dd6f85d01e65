import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalService, type LocalSettings, openLocalService } from '@lcb/functions-local';
import { readJobUsage } from './job-usage.ts';
import type { Measurement } from './measurement.ts';
import { processUsage, type UsageScope, usageSince } from './process-usage.ts';
import { StepClock } from './step-clock.ts';

const jobMain = fileURLToPath(new URL('job-main.ts', import.meta.url));

/**
 * The clock runs once the service is ready to work: what its start costs is measured by the idle task. The service's
 * jobs are its children and report for themselves, so its own CPU time is taken without theirs.
 */
export async function measureService(
  settings: LocalSettings,
  work: (service: LocalService) => Promise<Partial<Measurement>>,
): Promise<Measurement> {
  const report = join(settings.stateDirectory, `job-usage-${process.pid}.jsonl`);
  const steps = new StepClock();
  let jobs = 0;
  const service = await openLocalService({
    settings,
    // As `lcb` starts its own.
    jobCommand: [
      process.execPath,
      '--max-semi-space-size=1',
      ...profiling(),
      jobMain,
      report,
      settings.baseDirectory,
    ],
    serviceVersion: 'bench',
    onEvent: (event) => {
      if (event.kind === 'problem') console.error(event.message);
      if (event.kind !== 'step') return;
      steps.see(event);
      if (event.phase === 'end' && event.step.endsWith('.database.start')) jobs += 1;
    },
  });
  try {
    await service.own();
    const measurement = await measured('own', () => work(service));
    return { ...measurement, steps: steps.seconds(), jobs: await readJobUsage(report, jobs) };
  } finally {
    await service.close();
  }
}

/** Times some work and says what this process used for it. */
export async function measured(
  scope: UsageScope,
  work: () => Promise<Partial<Measurement>>,
): Promise<Measurement> {
  const before = processUsage(scope);
  const began = performance.now();
  const result = await work();
  const seconds = (performance.now() - began) / 1000;
  return { jobs: [], steps: {}, ...result, seconds, usage: usageSince(before, scope) };
}

/** Jobs are profiled when this process is. */
function profiling(): readonly string[] {
  return process.execArgv.filter((argument) => argument.startsWith('--cpu-prof'));
}
