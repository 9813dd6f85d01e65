import {
  backupRequestSchema,
  compressionSchema,
  consistencyRequestSchema,
  durationSchema,
  type Environment,
  type Run,
  type Unit,
  unitSchema,
} from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { environmentOptions, parseOptions, unitList } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import type { ExitCode } from '../exit-code.ts';
import { answerPlan } from '../plan/plan.ts';
import { foreignKeyWarning } from '../service/foreign-backups.ts';
import { openProvider, withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { UsageError } from '../usage-error.ts';
import { backupDocument } from './backup-document.ts';
import { backupPlan } from './backup-plan.ts';
import { backupView } from './backup-view.ts';
import { readMade } from './read-made.ts';
import { refuseUnready } from './refuse-unready.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  units: unitList.optional(),
  full: z.boolean().default(false),
  compression: z
    .enum(compressionSchema.options, `must be ${compressionSchema.options.join(' or ')}`)
    .optional(),
  consistency: z
    .enum(consistencyRequestSchema.options, `must be ${consistencyRequestSchema.options.join(', ')}`)
    .optional(),
  notes: z.string().max(2000, 'may have 2,000 characters').optional(),
  keepFor: durationSchema.optional(),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  wait: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});

/** `lcb backup create` */
export async function createBackup(context: CommandContext, given: unknown): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const source = selectEnvironment(settings.environments, options);
  const { projectId, environment } = source;
  const request = backupRequestSchema.parse({
    kind: 'backup',
    ...requestBase(options.requestId),
    projectId,
    environment,
    units: unitsToBackUp(source, options.units),
    mode: options.full ? 'full' : 'incremental',
    compression: options.compression,
    consistency: options.consistency,
    notes: options.notes,
    keepFor: options.keepFor,
    source,
  });
  if (options.dryRun) {
    return withService(context, settings, async (service) =>
      answerPlan(context.output, await backupPlan(service, request)),
    );
  }
  if (options.wait) await refuseUnready(context, settings, source, request.units);
  const warning = await foreignKeyWarning(await openProvider(context, settings), [source]);
  if (warning !== undefined) context.output.notice(warning);
  const answerOf = async (run: Run, service: LocalService) => {
    if (run.kind !== 'backup') throw new TypeError(`${run.runId} is not a backup.`);
    const made = await readMade(service, run);
    return {
      json: { ...backupDocument(run), ...made },
      table: () => backupView(run, made, { allChecks: false }),
    };
  };
  return withService(context, settings, (service) =>
    submitRun(context, service, { request, wait: options.wait, answerOf }),
  );
}

function unitsToBackUp(source: Environment, chosen: readonly Unit[] | undefined): readonly Unit[] {
  const declared = unitSchema.options.filter((unit) => source[unit] !== undefined);
  const missing = chosen?.find((unit) => !declared.includes(unit));
  // Liferay rebuilds its index from the database: it is backed up only where somebody says so.
  if (missing === undefined) return chosen ?? declared.filter((unit) => unit !== 'search');
  throw new UsageError(
    `--units names ${missing}, but lcb.yaml declares no ${missing} for ${source.projectId}/${source.environment}; it declares ${declared.join(' and ')}.`,
  );
}
