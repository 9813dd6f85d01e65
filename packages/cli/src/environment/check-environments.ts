import { type Environment, type ErrorRecord, errorRecord } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { matchingEnvironments } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { okText } from '../output/style.ts';
import { table } from '../output/table.ts';
import { openProvider } from '../service/open-service.ts';
import { checksOf, type EnvironmentCheck } from './checks.ts';

const optionsSchema = z.object({ project: z.string().optional() });

interface Checked {
  readonly check: EnvironmentCheck['name'];
  readonly ok: boolean;
  readonly found: string;
  readonly error: ErrorRecord | null;
}

/** `lcb env check`: everything that a backup would need, of every environment, with all problems at once. */
export async function checkEnvironments(
  context: CommandContext,
  environment: string | undefined,
  given: unknown,
): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const environments = matchingEnvironments(settings.environments, { ...options, environment });
  const { provider } = await openProvider(context, settings);
  const checked = await Promise.all(
    environments.map(async (one) => ({
      environment: one,
      checks: await Promise.all(checksOf(provider, one).map(made)),
    })),
  );
  const ok = checked.every(({ checks }) => checks.every((check) => check.ok));
  context.output.answer({
    json: {
      ok,
      environments: checked.map(({ environment: { projectId, environment: name }, checks }) => ({
        projectId,
        environment: name,
        checks,
      })),
    },
    table: () =>
      checkTable(checked.flatMap(({ environment: one, checks }) => checks.map((check) => ({ one, check })))),
  });
  return ok ? exitCodes.done : exitCodes.failed;
}

async function made({ name, look }: EnvironmentCheck): Promise<Checked> {
  try {
    return { check: name, ok: true, found: await look(), error: null };
  } catch (thrown) {
    const error = errorRecord(thrown);
    return { check: name, ok: false, found: error.message, error };
  }
}

function checkTable(rows: readonly { readonly one: Environment; readonly check: Checked }[]): string {
  return table(
    [{ title: 'ENVIRONMENT' }, { title: 'CHECK' }, { title: '' }, { title: 'FOUND' }],
    rows.map(({ one, check }) => [
      `${one.projectId}/${one.environment}`,
      check.check,
      okText(check.ok),
      check.found,
    ]),
  );
}
