import { IntegrityError, ObjectNotFoundError } from '../errors/errors.ts';
import type { Backup } from '../model/run.ts';
import type { Unit } from '../model/unit.ts';
import { readJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { backupPrefix, checksPath, dumpDescriptionPath, indexPath } from '../repository/layout.ts';
import { libraryIndexSchema } from '../repository/library-index.ts';
import type { Check } from '../repository/manifest.ts';
import { check, isFailure } from '../validation/check.ts';
import { checkDatabase } from '../validation/database-checks.ts';
import { comparedDumps } from '../validation/dump-size.ts';
import { checkLibrary } from '../validation/library-checks.ts';
import type { UnitFailures } from '../workflow/step-table.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { attemptOf } from './attempt.ts';
import { libraryOf, readLibraryPlan } from './backup-library.ts';
import { readSearchSnapshot } from './backup-search.ts';
import { libraryMoment } from './library-moment.ts';
import { loadBackup, projectOf, type StepContext } from './step-context.ts';

type Input = WorkflowInput & { readonly attempt: number; readonly units: readonly Unit[] };

/** Makes every check before the seal and keeps them with their measured values. */
export async function validateBackup(
  input: Input,
  context: StepContext,
): Promise<{ checks: number; failures: UnitFailures }> {
  const backup = await loadBackup(context, input);
  const attempt = attemptOf(backup, input.attempt);
  const store = context.provider.objectStore(attempt.location);
  await projectOf(context, input).setState(context.lease, 'Validating');
  const checks: Check[] = [];
  for (const unit of input.units) {
    checks.push(...(await orDamaged(unit, context, () => checkUnit(unit, backup, input.attempt, context))));
  }
  const { problems } = await context.provider.validateBackup({ attempt, units: input.units });
  for (const { unit, problem } of problems) {
    checks.push(
      await check(context.clock, unit, `${unit}.provider`, () => ({
        ok: false,
        expected: 'no problem at the provider',
        measured: problem,
      })),
    );
  }
  await writeJsonArtefact(store, backupPrefix(attempt, attempt.backupId), checksPath(input.attempt), checks);
  return { checks: checks.length, failures: input.units.flatMap((unit) => failureOf(unit, checks)) };
}

/** What is damaged or gone fails its own unit: the other one may be usable all the same. */
async function orDamaged(unit: Unit, { clock }: StepContext, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof IntegrityError || error instanceof ObjectNotFoundError)) throw error;
    const finding = {
      ok: false,
      expected: 'everything that was written to be there and whole',
      measured: error.message,
    };
    return [await check(clock, unit, `${unit}.readBack`, () => finding)];
  }
}

async function checkUnit(unit: Unit, backup: Backup, number: number, context: StepContext): Promise<Check[]> {
  const attempt = attemptOf(backup, number);
  const store = context.provider.objectStore(attempt.location);
  const prefix = backupPrefix(attempt, attempt.backupId);
  const { clock, signal, validation: settings } = context;
  switch (unit) {
    case 'database': {
      const dump = await context.provider.getDatabaseBackupMetadata(attempt);
      if (dump === undefined)
        throw new ObjectNotFoundError(store.location, prefix + dumpDescriptionPath(number));
      const expectedTables = backup.request.source.database?.expectedTables ?? [];
      const earlierDumps = await earlierDumpSizes(backup, context);
      return checkDatabase({ store, prefix, dump, expectedTables, earlierDumps, settings, clock, signal });
    }
    case 'documentLibrary': {
      const plan = await readLibraryPlan(store, backup, number);
      const index = await readJson(store, prefix + indexPath(number), libraryIndexSchema);
      const excludesGeneratedFiles = backup.request.source.documentLibrary?.excludeGeneratedFiles ?? false;
      // Where it was really listed: the plan's name of an upload is no place.
      const source = context.provider.objectStore(libraryOf(backup).location);
      const exact =
        plan.exact === undefined
          ? undefined
          : await libraryMoment(attempt, { source, excludesGeneratedFiles }, context);
      return checkLibrary({
        source,
        ...(exact === undefined
          ? {}
          : { exact: { objects: exact.objects(), lost: () => exact.tally().lost } }),
        excludeGeneratedFiles: excludesGeneratedFiles,
        backups: store,
        backup: attempt,
        plan,
        index,
        settings,
        clock,
        signal,
      });
    }
    case 'search': {
      const { shards, indices, snapshot } = await readSearchSnapshot(store, backup, number);
      // The poll has refused a snapshot of which only one shard failed.
      const finding = {
        ok: shards > 0 && indices.length > 0,
        expected: `every shard of the indices in the snapshot ${snapshot}`,
        measured: `${shards} shards of ${indices.length} indices`,
      };
      return [await check(clock, unit, 'search.snapshot', () => finding)];
    }
  }
}

/** Of the last good backups of this environment, as the catalog knows them. */
async function earlierDumpSizes(backup: Backup, context: StepContext): Promise<number[]> {
  const { runs } = await projectOf(context, backup).runs({
    kind: 'backup',
    environment: backup.environment,
    states: ['Succeeded'],
    unit: 'database',
    limit: comparedDumps,
  });
  return runs.flatMap(({ units }) => units.database?.bytes ?? []);
}

function failureOf(unit: Unit, checks: readonly Check[]): UnitFailures {
  const failed = checks.filter((made) => made.unit === unit && isFailure(made));
  if (failed.length === 0) return [];
  const what = failed.map(
    ({ name, expected, measured }) => `${name}: expected ${expected}, found ${measured}.`,
  );
  const retryable = failed.every(({ name }) => passing.has(name));
  return [{ unit, error: { code: 'validation.failed', message: what.join(' '), retryable } }];
}

/**
 * Checks that another attempt may pass. A file that comes under another key while the backup is at work, with the time
 * that it had before (a folder that is renamed, `cp -p`, `rsync -t`), can't be told from one that a listing kept quiet
 * about: no time of the file's own says when it came. A new listing has it.
 */
const passing: ReadonlySet<string> = new Set(['library.source']);
