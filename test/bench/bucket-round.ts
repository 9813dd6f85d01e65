import { present } from './baselines.ts';
import type { BenchBucket, BucketLab } from './bucket-lab.ts';
import type { Measurement, Task } from './measurement/measurement.ts';
import { libraryStatus } from './outcome.ts';
import { backupOf } from './requests.ts';
import type { Sample, Scenario } from './scenario.ts';

export interface BucketRoundContext {
  readonly lab: BucketLab;
  /** Counts from 1. */
  readonly round: number;
  measure(task: Task): Promise<Measurement>;
  begins(scenario: Scenario): void;
}

/** Tools that people use for buckets, each with a mirror of its own. Nothing is compared with the service that does less than it says. */
const tools: readonly {
  readonly name: string;
  readonly mirror: BenchBucket;
  readonly program: '$S5CMD' | 'rclone';
  readonly copy: string;
  readonly sync: string;
}[] = [
  {
    name: 's5cmd',
    mirror: 'mirror-s5cmd',
    program: '$S5CMD',
    copy: `"$S5CMD" --endpoint-url "$ENDPOINT" cp 's3://library/*' s3://mirror-s5cmd/`,
    sync: `"$S5CMD" --endpoint-url "$ENDPOINT" sync 's3://library/*' s3://mirror-s5cmd/`,
  },
  {
    name: 'rclone',
    mirror: 'mirror-rclone',
    program: 'rclone',
    copy: 'rclone copy --fast-list --transfers 32 --checkers 32 B:library B:mirror-rclone',
    sync: 'rclone sync --checksum --fast-list --transfers 32 --checkers 32 B:library B:mirror-rclone',
  },
];

/** A full copy from bucket to bucket, one with nothing to do, one of a hundredth: each tool directly after the service. */
export async function measureBucketRound(context: BucketRoundContext): Promise<readonly Sample[]> {
  const { lab, round } = context;
  const samples = [await measureCopy(context, 'bucket copy (full)', 'copy')];
  samples.push(await measureCopy(context, 'bucket no-op incremental', 'sync'));
  await lab.change(100, round);
  samples.push(await measureCopy(context, 'bucket 1 % changed', 'sync'));
  return samples;
}

async function measureCopy(
  { lab, measure, begins }: BucketRoundContext,
  scenario: Scenario,
  way: 'copy' | 'sync',
): Promise<Sample> {
  begins(scenario);
  const request = backupOf('documentLibrary', lab.source, way === 'copy' ? 'full' : 'incremental');
  const measurement = await measure({ kind: 'run', settings: lab.settings, request });
  const { objects, storedBytes: bytes } = libraryStatus(measurement);
  const baselines: { readonly name: string; readonly measurement: Measurement }[] = [];
  for (const tool of tools) {
    const program = tool.program === '$S5CMD' ? (lab.env.S5CMD ?? '') : tool.program;
    const [found] = await present([
      { name: tool.name, programs: [program], script: tool[way], env: lab.env },
    ]);
    if (found === undefined) continue;
    if (way === 'copy') await lab.clear(tool.mirror);
    const { name, script, env } = found;
    baselines.push({ name, measurement: await measure({ kind: 'command', script, env }) });
  }
  return { scenario, objects, bytes, measurement, baselines };
}
