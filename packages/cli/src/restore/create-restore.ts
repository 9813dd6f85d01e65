import { environmentNameSchema, restoreRequestSchema, secretRefSchema } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { backupLocation, locationOf, parseOptions, unitList } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import type { ExitCode } from '../exit-code.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { restoreDocument } from './restore-document.ts';
import { restoreTarget } from './restore-target.ts';
import { unitsToRestore } from './restore-units.ts';
import { restoreView, targetFacts } from './restore-view.ts';

const optionsSchema = z.object({
  targetEnvironment: environmentNameSchema,
  targetDatabase: z.string().optional(),
  targetSecret: secretRefSchema.optional(),
  targetLibrary: z.string().optional(),
  from: backupLocation.optional(),
  units: unitList.optional(),
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
    const units = unitsToRestore(backup, options.units);
    const { environments: declared } = settings;
    const target = restoreTarget({
      backup,
      units,
      declared,
      options,
      workingDirectory: places.workingDirectory,
    });
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
    });
    const where = targetFacts(target, units).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} ${value}`],
    );
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
