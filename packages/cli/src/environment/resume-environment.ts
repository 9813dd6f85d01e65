import { randomUUID } from 'node:crypto';
import { type Environment, errorMessage, hookEvent, quiesceHooks } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openProvider, withService } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';

const optionsSchema = z.object({ project: z.string().optional() });

/**
 * `lcb env resume`: tells an environment to go on, by its hook as lcb.yaml declares it now. For a night on which no backup could:
 * it is called first, without the catalog, and recorded afterwards.
 */
export async function resumeEnvironment(
  context: CommandContext,
  name: string,
  given: unknown,
): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const environment = selectEnvironment(settings.environments, { ...options, environment: name });
  const { projectId } = environment;
  const { resume } = quiesceHooks(environment);
  const { hooks, clock } = await openProvider(context, settings);
  const id = `${projectId}-${name}-resume-${randomUUID()}`;
  const event = hookEvent({
    id,
    type: 'cloud.liferay.environment.resume.v1',
    environment,
    time: clock.now(),
    data: { initiator: initiator() },
  });
  await hooks.call(resume, event, new AbortController().signal);
  const runs = await record(context, settings, environment, id);
  context.output.answer({
    json: { projectId, environment: name, resumed: true, eventId: id, runs },
    table: () =>
      `${projectId}/${name} was told to go on${runs.length === 0 ? '' : `; it had been quiesced by ${runs.join(', ')}`}\n`,
  });
  return exitCodes.done;
}

/** That it goes on is what counts: a catalog that does not answer is said, and no more. */
async function record(
  context: CommandContext,
  settings: Parameters<typeof withService>[1],
  { projectId, environment }: Environment,
  correlationId: string,
): Promise<readonly string[]> {
  const actor = initiator();
  try {
    return await withService(context, settings, async ({ catalog, clock }) => {
      const project = catalog.forProject(projectId);
      const runs = await project.recordResumeByHand(environment, actor);
      await project.appendAudit({
        actor,
        action: 'environment.resumed',
        subject: `${projectId}/${environment}`,
        result: 'succeeded',
        at: clock.now(),
        correlationId,
        details: { runs: [...runs] },
      });
      return runs;
    });
  } catch (error) {
    context.output.notice(`It was told to go on, but that could not be recorded: ${errorMessage(error)}`);
    return [];
  }
}
