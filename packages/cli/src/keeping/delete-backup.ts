import {
  type Backup,
  type Deletion,
  deleteRequestSchema,
  deletionObstacles,
  environmentRef,
  graceEnd,
  type InvalidRequestError,
  NotFoundError,
  readStanding,
} from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatTime } from '../output/format.ts';
import { runDocument } from '../output/run-document.ts';
import { headline } from '../output/run-view.ts';
import { coloured } from '../output/style.ts';
import { answerPlan } from '../plan/plan.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';

const optionsSchema = z.object({
  reason: z.string().max(2000, 'may have 2,000 characters').optional(),
  evenIfBase: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  wait: z.boolean().default(false),
});

/** `lcb backup delete`: what stands against it is found before anything is recorded, and looked at again by the run. */
export async function deleteBackup(context: CommandContext, id: string, given: unknown): Promise<ExitCode> {
  parseRunId('backup', id);
  const { reason, evenIfBase, dryRun, requestId, wait } = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  return withService(context, settings, async (service) => {
    const backup = await findBackup(service, settings, id);
    const { projectId, environment, source } = backup.request;
    const request = deleteRequestSchema.parse({
      kind: 'delete',
      ...requestBase(requestId),
      projectId,
      environment,
      backupId: id,
      backup: { environment, location: source.backups.location },
      graceSeconds: settings.deletion.graceSeconds,
      evenIfBase,
      ...(reason === undefined ? {} : { reason }),
    });
    const until = `${formatTime(graceEnd(request))} UTC`;
    const obstacles = await obstaclesOf(service, backup, evenIfBase);
    if (dryRun) {
      return answerPlan(context.output, {
        title: `Delete ${id}`,
        reads: [],
        writes: [`a signed record in ${source.backups.location}`],
        overwrites: [],
        notes: [
          'It is no base and no source of a restore from then on; its bytes stay.',
          `Until ${until} it can be undeleted.`,
          ...(backup.deletedAt === undefined ? [] : [`It is deleted already, since ${backup.deletedAt}.`]),
        ],
        blockedBy: obstacles.map(({ message }) => message),
      });
    }
    const [obstacle] = obstacles;
    if (obstacle !== undefined) throw obstacle;
    return submitRun(context, service, {
      request,
      wait,
      async answerOf(run) {
        if (run.kind !== 'delete') throw new NotFoundError(`${run.runId} is not a deletion.`);
        return { json: deletionDocument(run), table: () => deletionView(run) };
      },
    });
  });
}

async function obstaclesOf(
  service: LocalService,
  backup: Backup,
  evenIfBase: boolean,
): Promise<InvalidRequestError[]> {
  const { location } = backup.request.source.backups;
  const { standing } = await readStanding(
    service.provider.objectStore(location),
    environmentRef(backup),
    backup.runId,
    await service.trustedKeys(),
  );
  const project = service.catalog.forProject(backup.projectId);
  return deletionObstacles({ backup, project, standing, evenIfBase, now: service.clock.now() });
}

function deletionDocument(run: Deletion) {
  const { backupId, reason } = run.request;
  return {
    ...runDocument(run),
    backupId,
    reason: reason ?? null,
    undeleteUntil: graceEnd(run.request, run.startedAt),
  };
}

function deletionView(run: Deletion): string {
  const { backupId } = run.request;
  if (run.state !== 'Succeeded') {
    return `${headline(run)}${run.error === undefined ? '' : `\n  ${coloured('red', run.error.message)}\n`}`;
  }
  return `${headline(run)}\n${backupId} is deleted. Until ${formatTime(graceEnd(run.request, run.startedAt))} UTC: lcb backup undelete ${backupId}\n`;
}
