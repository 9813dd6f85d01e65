import { type Run, type RunFilter, type RunKind, stateSchema } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import {
  environmentOptions,
  moment,
  parseOptions,
  stateList,
  unitName,
  wholeNumber,
} from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectProject } from '../config/select-environment.ts';
import { withService } from './open-service.ts';

const defaultLimit = 50;

const optionsSchema = z.object({
  ...environmentOptions,
  state: stateList.optional(),
  unit: unitName.optional(),
  from: moment.optional(),
  to: moment.optional(),
  limit: wholeNumber(1, 1000).default(defaultLimit),
  pageToken: z.string().optional(),
});

export interface RunList<K extends RunKind> {
  readonly runs: readonly Extract<Run, { kind: K }>[];
  readonly nextPageToken: string | undefined;
  /** The project has no run of this kind at all, whatever was asked for. */
  readonly isCatalogEmpty: boolean;
}

/** One page of a project's runs of one kind, newest first, as the options of `lcb backup list` ask for it. */
export async function listRuns<K extends RunKind>(
  context: CommandContext,
  kind: K,
  given: unknown,
): Promise<RunList<K>> {
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const project = selectProject(settings.environments, options.project);
  const filter: RunFilter = {
    kind,
    limit: options.limit,
    states: options.state ?? stateSchema.options,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.unit === undefined ? {} : { unit: options.unit }),
    ...(options.from === undefined ? {} : { from: options.from }),
    ...(options.to === undefined ? {} : { to: options.to }),
    ...(options.pageToken === undefined ? {} : { pageToken: options.pageToken }),
  };
  return withService(context, settings, async (service) => {
    const catalog = service.catalog.forProject(project);
    const page = await catalog.runs(filter);
    const isCatalogEmpty =
      page.runs.length === 0 && (await catalog.runs({ kind, limit: 1 })).runs.length === 0;
    const isOfKind = (run: Run): run is Extract<Run, { kind: K }> => run.kind === kind;
    return { runs: page.runs.filter(isOfKind), nextPageToken: page.nextPageToken, isCatalogEmpty };
  });
}

/** How a table ends when there is more. */
export function moreText({ nextPageToken }: Pick<RunList<RunKind>, 'nextPageToken'>): string {
  return nextPageToken === undefined ? '' : `\nMore with --page-token ${nextPageToken}\n`;
}
