import { type Baseline, present } from './baselines.ts';
import type { Measurement, Task } from './measurement/measurement.ts';
import type { Sample } from './scenario.ts';

/** Each baseline gets a place of its own to write to, named by variables. */
export async function measureBaselines(
  { measure }: { measure(task: Task): Promise<Measurement> },
  baselines: readonly Baseline[],
  withPlace: (use: (env: Readonly<Record<string, string>>) => Promise<Measurement>) => Promise<Measurement>,
): Promise<Sample['baselines']> {
  const measured: { readonly name: string; readonly measurement: Measurement }[] = [];
  for (const { name, script, env } of await present(baselines)) {
    const measurement = await withPlace((place) =>
      measure({ kind: 'command', script, env: { ...env, ...place } }),
    );
    measured.push({ name, measurement });
  }
  return measured;
}
