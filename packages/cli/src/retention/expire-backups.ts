import {
  type Backup,
  deleteRequestSchema,
  type Environment,
  environmentRef,
  type Judgement,
  judgeBackups,
  LcbError,
  readAgeing,
} from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { finishOthers, waitForRun } from '../service/wait-for-run.ts';
import { expiryView } from './expiry-view.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  dryRun: z.boolean().default(false),
  wait: z.boolean().default(false),
});

/** A backup that no rule keeps, and what became of it. */
export interface Expiry extends Judgement {
  readonly outcome: 'kept' | 'expires' | 'requested' | 'deleted' | 'failed';
  readonly reason?: string;
}

/** `lcb backup expire`: deletions like any other, asked for by the rules of retention. */
export async function expireBackups(context: CommandContext, given: unknown): Promise<ExitCode> {
  const { dryRun, wait, ...choice } = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const environment = selectEnvironment(settings.environments, choice);
  return withService(context, settings, async (service) => {
    const expiries: Expiry[] = [];
    for (const judgement of await judge(service, environment)) {
      if (judgement.keptBy.length > 0) expiries.push({ ...judgement, outcome: 'kept' });
      else if (dryRun) expiries.push({ ...judgement, outcome: 'expires' });
      else {
        const backup = await findBackup(service, settings, judgement.backupId);
        const { graceSeconds } = settings.deletion;
        expiries.push({ ...judgement, ...(await remove(context, service, backup, graceSeconds, wait)) });
      }
    }
    if (wait) await finishOthers(service, context.output);
    context.output.answer({
      json: { ...environmentRef(environment), dryRun, backups: expiries },
      table: () => expiryView(environment, expiries, dryRun),
    });
    return expiries.some(({ outcome }) => outcome === 'failed') ? exitCodes.failed : exitCodes.done;
  });
}

async function judge(service: LocalService, environment: Environment): Promise<readonly Judgement[]> {
  const { retention: rules, timeZone = 'UTC', backups } = environment;
  const now = service.clock.now();
  const ageing = await readAgeing({
    project: service.catalog.forProject(environment.projectId),
    store: service.provider.objectStore(backups.location),
    ref: environmentRef(environment),
    trustedKeys: await service.trustedKeys(),
    now,
  });
  return judgeBackups({ backups: ageing, rules, timeZone, now });
}

/** Bytes that later backups need stay in any case, so a base may go as any other. */
async function remove(
  { output }: CommandContext,
  service: LocalService,
  backup: Backup,
  graceSeconds: number,
  wait: boolean,
): Promise<Pick<Expiry, 'outcome' | 'reason'>> {
  const { projectId, environment, source } = backup.request;
  const request = deleteRequestSchema.parse({
    kind: 'delete',
    ...requestBase(undefined),
    projectId,
    environment,
    backupId: backup.runId,
    backup: { environment, location: source.backups.location },
    graceSeconds,
    evenIfBase: true,
    reason: 'No rule of retention keeps it.',
  });
  try {
    const submitted = await service.submit(request);
    if (!wait) return { outcome: 'requested' };
    const { state, error } = await waitForRun(service, submitted, output);
    if (state === 'Succeeded') return { outcome: 'deleted' };
    return { outcome: 'failed', reason: error?.message ?? state };
  } catch (error) {
    // The others are looked at all the same.
    if (!LcbError.isInstance(error)) throw error;
    return { outcome: 'failed', reason: error.message };
  }
}
