import { type ChangeCounts, changeLibrary } from '../fixtures/index.ts';
import { project } from '../support/local-fixture.ts';
import { copies, dumps, hashes, loads } from './baselines.ts';
import { connectionOf } from './database.ts';
import type { Lab } from './lab.ts';
import { measureBaselines } from './measure-baselines.ts';
import type { Measurement, Task } from './measurement/measurement.ts';
import { bytesDumped, libraryStatus, runIdOf } from './outcome.ts';
import { backupOf, restoreOf } from './requests.ts';
import type { Sample, Scenario } from './scenario.ts';

export interface RoundContext {
  readonly lab: Lab;
  /** Counts from 1. */
  readonly round: number;
  measure(task: Task): Promise<Measurement>;
  /** Told before each scenario. */
  begins(scenario: Scenario): void;
}

/**
 * Measures every scenario once, its baselines at once after it: whatever else the machine is busy with, both feel it.
 */
export async function measureRound(context: RoundContext): Promise<readonly Sample[]> {
  const full = await measureFullCopy(context);
  const library = runIdOf(full.measurement);
  const incremental = await measureIncrementals(context, full.objects ?? 0);
  const dump = await measureDump(context);
  const database = runIdOf(dump.measurement);
  return [
    full,
    ...incremental,
    dump,
    await measureLoad(context, database, dump.bytes),
    await measureLibraryRestore(context, library),
    await measureVerify(context, 'verify library', library),
    await measureVerify(context, 'verify database', database),
  ];
}

async function measureFullCopy(context: RoundContext): Promise<Sample> {
  const { lab, measure, begins } = context;
  begins('library copy (full)');
  const request = backupOf('documentLibrary', lab.source, 'full');
  const measurement = await measure({ kind: 'run', settings: lab.settings, request });
  const { objects, storedBytes: bytes } = libraryStatus(measurement);
  const baselines = await measureBaselines(context, copies(lab.source.libraryFolder), (use) =>
    lab.withPath('baseline', (to) => use({ TO: to })),
  );
  return { scenario: 'library copy (full)', objects, bytes, measurement, baselines };
}

async function measureIncrementals(
  { lab, round, measure, begins }: RoundContext,
  objects: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const scenario of ['no-op incremental', '1 % changed'] as const) {
    begins(scenario);
    if (scenario === '1 % changed')
      await changeLibrary(lab.source.libraryFolder, lab.spec, { step: round, ...onePercent(objects) });
    const request = backupOf('documentLibrary', lab.source, 'incremental');
    const measurement = await measure({ kind: 'run', settings: lab.settings, request });
    const status = libraryStatus(measurement);
    samples.push({
      scenario,
      objects: status.objects,
      bytes: status.storedBytes,
      measurement,
      baselines: [],
    });
  }
  return samples;
}

async function measureDump(context: RoundContext): Promise<Sample> {
  const { lab, measure, begins } = context;
  begins('database dump');
  const request = backupOf('database', lab.source, 'full');
  const measurement = await measure({ kind: 'run', settings: lab.settings, request });
  const baselines = await measureBaselines(context, dumps(lab), (use) =>
    lab.withPath('baseline', (to) => use({ TO: to })),
  );
  return {
    scenario: 'database dump',
    objects: null,
    bytes: bytesDumped(measurement),
    measurement,
    baselines,
  };
}

async function measureLoad(context: RoundContext, backupId: string, bytes: number): Promise<Sample> {
  const { lab, round, measure, begins } = context;
  begins('database restore (load)');
  const measurement = await lab.withTarget(`loaded-${round}`, (target) =>
    measure({
      kind: 'run',
      settings: lab.settings,
      request: restoreOf('database', lab.source, backupId, target),
    }),
  );
  const baselines = await measureBaselines(context, loads(lab), (use) =>
    lab.withDatabase('baseline', (url) => use(connectionOf(url))),
  );
  return { scenario: 'database restore (load)', objects: null, bytes, measurement, baselines };
}

async function measureLibraryRestore(context: RoundContext, backupId: string): Promise<Sample> {
  const { lab, round, measure, begins } = context;
  begins('library restore');
  return lab.withTarget(`restored-${round}`, async (target) => {
    const request = restoreOf('documentLibrary', lab.source, backupId, target);
    const measurement = await measure({ kind: 'run', settings: lab.settings, request });
    const { objects, bytes } = libraryStatus(measurement);
    const baselines = await measureBaselines(context, copies(target.libraryFolder), (use) =>
      lab.withPath('baseline', (to) => use({ TO: to })),
    );
    return { scenario: 'library restore', objects, bytes, measurement, baselines };
  });
}

async function measureVerify(
  context: RoundContext,
  scenario: 'verify library' | 'verify database',
  backupId: string,
): Promise<Sample> {
  const { lab, measure, begins } = context;
  begins(scenario);
  const { environment, backups } = lab.source.environment;
  const backup = { projectId: project, environment, backupId };
  const measurement = await measure({
    kind: 'verify',
    settings: lab.settings,
    location: backups.location,
    backup,
  });
  const { objects, bytes } = measurement.verified ?? { objects: 0, bytes: 0 };
  if (scenario === 'verify database') return { scenario, objects: null, bytes, measurement, baselines: [] };
  const baselines = await measureBaselines(context, hashes(lab.source.libraryFolder), (use) => use({}));
  return { scenario, objects, bytes, measurement, baselines };
}

/** Mostly replaced objects: a library whose size stays as it is. */
function onePercent(objects: number): ChangeCounts {
  const changed = Math.max(3, Math.round(objects / 100));
  const added = Math.floor(changed / 4);
  return { replace: changed - 2 * added, add: added, remove: added };
}
