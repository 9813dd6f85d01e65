import { measureBaselines } from '../measure-baselines.ts';
import type { Measurement, Task } from '../measurement/measurement.ts';
import { bytesDumped, runIdOf } from '../outcome.ts';
import { backupOf, restoreOf } from '../requests.ts';
import type { Sample, Scenario } from '../scenario.ts';
import type { DatabaseLab } from './database-lab.ts';

export interface DatabaseRoundContext {
  readonly lab: DatabaseLab;
  /** Counts from 1. */
  readonly round: number;
  measure(task: Task): Promise<Measurement>;
  begins(scenario: Scenario): void;
}

/** A dump to the bucket and a load of it into a new database: each tool directly after the service. */
export async function measureDatabaseRound(context: DatabaseRoundContext): Promise<readonly Sample[]> {
  const dump = await measureDump(context);
  return [dump, await measureLoad(context, runIdOf(dump.measurement), dump.bytes)];
}

async function measureDump(context: DatabaseRoundContext): Promise<Sample> {
  const { lab, measure, begins } = context;
  const scenario: Scenario = `${lab.name} dump to a bucket`;
  begins(scenario);
  await lab.clear();
  const request = backupOf('database', lab.source, 'full');
  const measurement = await measure({ kind: 'run', settings: lab.settings, request });
  const baselines = await measureBaselines(context, lab.dumps, (use) =>
    lab.withPath('baseline', (to) => use({ TO: to })),
  );
  return { scenario, objects: null, bytes: bytesDumped(measurement), measurement, baselines };
}

async function measureLoad(context: DatabaseRoundContext, backupId: string, bytes: number): Promise<Sample> {
  const { lab, round, measure, begins } = context;
  const scenario: Scenario = `${lab.name} load from a bucket`;
  begins(scenario);
  const measurement = await lab.withTarget(`loaded-${round}`, (target) =>
    measure({
      kind: 'run',
      settings: lab.settings,
      request: restoreOf('database', lab.source, backupId, target),
    }),
  );
  const baselines = await measureBaselines(context, lab.loads, (use) => lab.withDatabase('baseline', use));
  return { scenario, objects: null, bytes, measurement, baselines };
}
