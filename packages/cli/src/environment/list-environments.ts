import type { Environment } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { matchingEnvironments } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type Column, table } from '../output/table.ts';

const optionsSchema = z.object({ project: z.string().optional() });

const columns: readonly Column[] = [
  { title: 'PROJECT' },
  { title: 'ENVIRONMENT' },
  { title: 'DATABASE' },
  { title: 'LIBRARY' },
  { title: 'BACKUPS' },
];

/** `lcb env list`: what lcb.yaml declares. Opens nothing. */
export async function listEnvironments(context: CommandContext, given: unknown): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  const environments = matchingEnvironments(loadConfig(context.places).environments, options);
  context.output.answer({ json: { environments }, table: () => table(columns, environments.map(row)) });
  return exitCodes.done;
}

function row({ projectId, environment, database, documentLibrary, backups }: Environment): string[] {
  return [projectId, environment, database?.url ?? '-', documentLibrary?.location ?? '-', backups.location];
}
