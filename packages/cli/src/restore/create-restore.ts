import {
  environmentNameSchema,
  type LibrarySelection,
  restoreRequestSchema,
  secretRefSchema,
  type Unit,
} from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { backupLocation, locationOf, parseOptions, unitList } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import type { ExitCode } from '../exit-code.ts';
import { answerPlan } from '../plan/plan.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { librarySelection } from './library-selection.ts';
import { replacement } from './replacement.ts';
import { restoreDocument } from './restore-document.ts';
import { restorePlan } from './restore-plan.ts';
import { restoreScripts } from './restore-scripts.ts';
import { restoreTarget } from './restore-target.ts';
import { unitsToRestore } from './restore-units.ts';
import { restoreView, targetFacts } from './restore-view.ts';

const rowId = z.string().regex(/^\d{1,19}$/, 'must be a number, such as 20123');

const optionsSchema = z.object({
  targetEnvironment: environmentNameSchema,
  targetDatabase: z.string().optional(),
  targetSecret: secretRefSchema.optional(),
  targetLibrary: z.string().optional(),
  from: backupLocation.optional(),
  units: unitList.optional(),
  inPlace: z.boolean().default(false),
  swap: z.boolean().default(false),
  confirm: z.string().optional(),
  safetyBackup: z.boolean().default(true),
  folder: z.array(z.string().regex(/^\//, 'must begin with a slash, as in /Marketing/2024')).default([]),
  site: rowId.optional(),
  fileEntry: z.array(rowId).default([]),
  fileVersion: z.array(rowId).default([]),
  company: z.array(rowId).default([]),
  withoutGeneratedFiles: z.boolean().default(false),
  removeUnreferenced: z.boolean().default(false),
  script: z.array(z.string().min(1)).default([]),
  parameter: z.array(z.string()).default([]),
  dryRun: z.boolean().default(false),
  notes: z.string().max(2000, 'may have 2,000 characters').optional(),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  wait: z.boolean().default(false),
});

/** `lcb restore create` */
export async function createRestore(
  context: CommandContext,
  backupId: string,
  given: unknown,
): Promise<ExitCode> {
  parseRunId('backup', backupId);
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const { output, places } = context;
  return withService(context, settings, async (service) => {
    const backup = await findBackup(service, settings, backupId);
    const selection = librarySelection(options);
    const units = unitsToRestore(backup, options.units ?? unitsOfSelection(options, selection));
    const { environments: declared } = settings;
    const target = restoreTarget({
      backup,
      units,
      declared,
      options,
      workingDirectory: places.workingDirectory,
    });
    const planned = restoreScripts(
      options,
      units.includes('database') ? target.database : undefined,
      places.workingDirectory,
    );
    const { projectId, environment, source } = backup.request;
    const request = restoreRequestSchema.parse({
      kind: 'restore',
      ...requestBase(options.requestId),
      projectId,
      environment,
      notes: options.notes,
      backupId,
      backup: {
        environment,
        location: locationOf(options.from, places.workingDirectory) ?? source.backups.location,
      },
      units,
      target,
      ...replacement(options, projectId, declared),
      selection,
      withoutGeneratedFiles: options.withoutGeneratedFiles,
      removeUnreferenced: options.removeUnreferenced,
      scripts: planned?.map(({ name, sql }) => ({ name, sql })),
    });
    if (options.dryRun) return answerPlan(output, await restorePlan(service, request, planned));
    const where = targetFacts(target, units).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} ${value}`],
    );
    if (request.safetyBackup?.kind === 'take')
      output.notice(`First ${projectId}/${target.environment} is backed up, as the way back.`);
    output.notice(`Restoring ${backupId} into ${projectId}/${target.environment}: ${where.join(', ')}`);
    return submitRun(context, service, {
      request,
      wait: options.wait,
      async answerOf(run) {
        if (run.kind !== 'restore') throw new TypeError(`${run.runId} is not a restore.`);
        return { json: restoreDocument(run), table: () => restoreView(run) };
      },
    });
  });
}

/** A part of a library goes back into a living one without its database. */
function unitsOfSelection(
  { inPlace }: { readonly inPlace: boolean },
  selection: LibrarySelection | undefined,
): readonly Unit[] | undefined {
  return inPlace && selection !== undefined ? ['documentLibrary'] : undefined;
}
