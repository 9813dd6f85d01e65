import { copyRequestSchema } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { backupLocation, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { locationUrl } from '../config/values.ts';
import type { ExitCode } from '../exit-code.ts';
import { answerPlan } from '../plan/plan.ts';
import { unitsToRestore } from '../restore/restore-units.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { copyDocument } from './copy-document.ts';
import { copyPlan } from './copy-plan.ts';
import { copyView } from './copy-view.ts';

const optionsSchema = z.object({
  to: backupLocation,
  notes: z.string().max(2000, 'may have 2,000 characters').optional(),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  dryRun: z.boolean().default(false),
  wait: z.boolean().default(false),
});

/** `lcb backup copy` */
export async function copyBackup(context: CommandContext, id: string, given: unknown): Promise<ExitCode> {
  parseRunId('backup', id);
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  return withService(context, settings, async (service) => {
    const backup = await findBackup(service, settings, id);
    // Refuses what is not over, was deleted, or has nothing usable, in the words of a restore.
    unitsToRestore(
      backup,
      backup.request.units.filter((unit) => backup.units[unit]?.usable === true),
    );
    const { projectId, environment, source } = backup.request;
    const request = copyRequestSchema.parse({
      kind: 'copy',
      ...requestBase(options.requestId),
      projectId,
      environment,
      notes: options.notes,
      backupId: id,
      backup: { environment, location: source.backups.location },
      to: locationUrl(options.to, context.places.workingDirectory),
    });
    if (options.dryRun) return answerPlan(context.output, await copyPlan(service, backup, request));
    return submitRun(context, service, {
      request,
      wait: options.wait,
      async answerOf(run) {
        if (run.kind !== 'copy') throw new TypeError(`${run.runId} is not a copy.`);
        return { json: copyDocument(run), table: () => copyView(run) };
      },
    });
  });
}
