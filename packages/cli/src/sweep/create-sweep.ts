import { LcbError, sweepRequestSchema } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import type { ExitCode } from '../exit-code.ts';
import { answerPlan } from '../plan/plan.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { sweepPlan } from './sweep-plan.ts';
import { sweepDocument, sweepView } from './sweep-view.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  dryRun: z.boolean().default(false),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  wait: z.boolean().default(false),
});

/** `lcb sweep` */
export async function sweep(context: CommandContext, given: unknown): Promise<ExitCode> {
  const { dryRun, requestId, wait, ...choice } = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const { projectId, environment, backups } = selectEnvironment(settings.environments, choice);
  const request = sweepRequestSchema.parse({
    kind: 'sweep',
    ...requestBase(requestId),
    projectId,
    environment,
    location: backups.location,
    graceSeconds: settings.deletion.graceSeconds,
  });
  return withService(context, settings, async (service) => {
    if (dryRun) return answerPlan(context.output, await sweepPlan(service, request));
    return submitRun(context, service, {
      request,
      wait,
      async answerOf(run) {
        if (run.kind !== 'sweep')
          throw new LcbError({ code: 'internal', message: `${run.runId} is not a sweep.` });
        return { json: sweepDocument(run), table: () => sweepView(run) };
      },
    });
  });
}
