import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectProject } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { withService } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';

const optionsSchema = z.object({ project: environmentOptions.project });

/** `lcb catalog confirm` */
export async function confirm(context: CommandContext, given: unknown): Promise<ExitCode> {
  const { project } = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const projectId = selectProject(settings.environments, project);
  return withService(context, settings, async ({ catalog, clock }) => {
    const of = catalog.forProject(projectId);
    const since = await of.sweepsBlockedSince();
    await of.allowSweeps({
      actor: initiator(),
      action: 'catalog.confirmed',
      subject: projectId,
      result: 'succeeded',
      at: clock.now(),
      correlationId: randomUUID(),
    });
    context.output.answer({
      json: { projectId, blockedSince: since ?? null, sweepsAllowed: true },
      table: () =>
        since === undefined
          ? `Nothing stood against sweeps in ${projectId}.\n`
          : `The catalog of ${projectId}, rebuilt on ${since}, is taken for whole: sweeps may run again.\n`,
    });
    return exitCodes.done;
  });
}
