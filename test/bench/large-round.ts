import { present } from './baselines.ts';
import { type LargeLab, type LargeTarget, largeTargets } from './large-lab.ts';
import type { Measurement, Task } from './measurement/measurement.ts';
import { libraryStatus } from './outcome.ts';
import { backupOf } from './requests.ts';
import type { Sample, Scenario } from './scenario.ts';

export interface LargeRoundContext {
  readonly lab: LargeLab;
  measure(task: Task): Promise<Measurement>;
  begins(scenario: Scenario): void;
}

const scenarioOf: Readonly<Record<LargeTarget, Scenario>> = {
  server: 'large objects to a bucket',
  folder: 'large objects to a folder',
  otherServer: 'large objects to another server',
};

/** What does the same; `s5cmd` knows one server at a time. */
const scripts: Readonly<Record<LargeTarget, Readonly<Partial<Record<'s5cmd' | 'rclone', string>>>>> = {
  server: {
    s5cmd: `"$S5CMD" --endpoint-url "$ENDPOINT" cp 's3://library/*' s3://mirror/`,
    rclone: 'rclone copy --transfers 8 B:library B:mirror',
  },
  folder: {
    s5cmd: `"$S5CMD" --endpoint-url "$ENDPOINT" cp 's3://library/*' "$FOLDER/"`,
    rclone: 'rclone copy --transfers 8 B:library "$FOLDER"',
  },
  otherServer: { rclone: 'rclone copy --transfers 8 B:library F:far-mirror' },
};

/** Few, large objects to each kind of place: each tool directly after the service, and nothing of the one before left. */
export async function measureLargeRound(context: LargeRoundContext): Promise<readonly Sample[]> {
  const { lab, measure, begins } = context;
  const samples: Sample[] = [];
  for (const target of largeTargets) {
    const scenario = scenarioOf[target];
    begins(scenario);
    await lab.clear();
    const request = backupOf('documentLibrary', lab.source(target), 'full');
    const measurement = await measure({ kind: 'run', settings: lab.settings, request });
    const { objects, storedBytes: bytes } = libraryStatus(measurement);
    const baselines: { readonly name: string; readonly measurement: Measurement }[] = [];
    for (const [name, script] of Object.entries(scripts[target])) {
      const programs = [name === 's5cmd' ? (lab.env.S5CMD ?? '') : name];
      const [found] = await present([{ name, programs, script, env: lab.env }]);
      if (found === undefined) continue;
      await lab.clear();
      baselines.push({ name, measurement: await measure({ kind: 'command', script, env: lab.env }) });
    }
    samples.push({ scenario, objects, bytes, measurement, baselines });
  }
  return samples;
}
