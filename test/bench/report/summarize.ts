import type { GrowthPoint } from '../growth/measure-growth.ts';
import type { Measurement } from '../measurement/measurement.ts';
import type { BenchOptions } from '../options.ts';
import { type Sample, type Scenario, scenarios } from '../scenario.ts';
import { median } from './median.ts';

/** Everything that was measured, and what it comes to. Times in seconds, sizes in bytes. */
export interface BenchReport {
  readonly machine: Machine;
  readonly options: BenchOptions;
  /** The service, started and with nothing to do; `null` where it was not asked for. */
  readonly idlePeakBytes: number | null;
  readonly rows: readonly BenchRow[];
  readonly samples: readonly Sample[];
  readonly growth: readonly GrowthPoint[];
}

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  /** Version of `pg_dump`, which is the server's major. */
  readonly postgresql: string;
  /** `null` where nothing was measured on one. */
  readonly mariadb: string | null;
}

/** One scenario: medians of its measurements, but the highest of the peaks. */
export interface BenchRow {
  readonly scenario: Scenario;
  readonly objects: number | null;
  readonly bytes: number;
  readonly seconds: number;
  /** Of the job alone, without what the service does before and after it; `null` where no job was started. */
  readonly jobSeconds: number | null;
  /** Of the service, its job and the tools of that; not of the database server. */
  readonly cpuSeconds: number | null;
  readonly servicePeakBytes: number;
  /** `null` where no job was started. */
  readonly jobPeakBytes: number | null;
  /** What took longest; jobs beside steps, though a step waits for its job. */
  readonly parts: readonly { readonly name: string; readonly seconds: number }[];
  readonly baselines: readonly BaselineRow[];
}

export interface BaselineRow {
  readonly name: string;
  readonly seconds: number;
  readonly cpuSeconds: number | null;
  /** Time of the service over time of the baseline, pair by pair. How far the pairs lie apart says what the median is worth. */
  readonly timeRatio: RatioRange;
  /** The same for the job alone; `null` where no job was started. */
  readonly jobTimeRatio: RatioRange | null;
  readonly cpuRatio: number | null;
}

export interface RatioRange {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function summarize(measured: {
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly idle: Measurement | undefined;
  readonly samples: readonly Sample[];
}): Omit<BenchReport, 'growth'> {
  const { machine, options, idle, samples } = measured;
  const rows = scenarios.flatMap((scenario) => {
    const own = samples.filter((sample) => sample.scenario === scenario);
    return own.length === 0 ? [] : [summarizeScenario(scenario, own)];
  });
  return { machine, options, idlePeakBytes: idle?.usage.peakBytes ?? null, rows, samples };
}

function summarizeScenario(scenario: Scenario, samples: readonly Sample[]): BenchRow {
  const jobPeaks = samples.flatMap(({ measurement }) => measurement.jobs.map(({ peakBytes }) => peakBytes));
  const objects = samples.flatMap((sample) => sample.objects ?? []);
  return {
    scenario,
    objects: objects.length === 0 ? null : median(objects),
    bytes: median(samples.map(({ bytes }) => bytes)),
    seconds: median(samples.map(({ measurement }) => measurement.seconds)),
    jobSeconds: medianOrNull(samples.map(({ measurement }) => jobSeconds(measurement))),
    cpuSeconds: medianOrNull(samples.map(({ measurement }) => cpuSeconds(measurement))),
    servicePeakBytes: Math.max(...samples.map(({ measurement }) => measurement.usage.peakBytes)),
    jobPeakBytes: jobPeaks.length === 0 ? null : Math.max(...jobPeaks),
    parts: summarizeParts(samples.map(({ measurement }) => measurement)),
    baselines: summarizeBaselines(samples),
  };
}

function summarizeParts(measurements: readonly Measurement[]): BenchRow['parts'] {
  const seconds = new Map<string, number[]>();
  for (const { steps, jobs } of measurements) {
    const parts = [
      ...Object.entries(steps),
      ...jobs.map((job): [string, number] => [`${job.kind} job`, job.seconds]),
    ];
    for (const [name, took] of parts) seconds.set(name, [...(seconds.get(name) ?? []), took]);
  }
  return [...seconds]
    .map(([name, took]) => ({ name, seconds: median(took) }))
    .sort((a, b) => b.seconds - a.seconds);
}

function summarizeBaselines(samples: readonly Sample[]): readonly BaselineRow[] {
  const names = new Set(samples.flatMap(({ baselines }) => baselines.map(({ name }) => name)));
  return [...names].map((name) => {
    const pairs = samples.flatMap(({ measurement, baselines }) =>
      baselines
        .filter((baseline) => baseline.name === name)
        .map((baseline) => ({ own: measurement, plain: baseline.measurement })),
    );
    const jobRatios = pairs.flatMap(({ own, plain }) => ratio(jobSeconds(own), plain.seconds) ?? []);
    return {
      name,
      seconds: median(pairs.map(({ plain }) => plain.seconds)),
      cpuSeconds: medianOrNull(pairs.map(({ plain }) => cpuSeconds(plain))),
      timeRatio: rangeOf(pairs.map(({ own, plain }) => own.seconds / plain.seconds)),
      jobTimeRatio: jobRatios.length === 0 ? null : rangeOf(jobRatios),
      cpuRatio: medianOrNull(pairs.map(({ own, plain }) => ratio(cpuSeconds(own), cpuSeconds(plain)))),
    };
  });
}

function rangeOf(values: readonly number[]): RatioRange {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

function jobSeconds({ jobs }: Measurement): number | null {
  return jobs.length === 0 ? null : jobs.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Of the process and of the jobs that it started, which live on their own. */
function cpuSeconds({ usage, jobs }: Measurement): number | null {
  return [usage, ...jobs].reduce<number | null>(
    (sum, used) => (sum === null || used.cpuSeconds === null ? null : sum + used.cpuSeconds),
    0,
  );
}

function ratio(own: number | null, plain: number | null): number | null {
  return own === null || plain === null || plain === 0 ? null : own / plain;
}

function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : median(known);
}
