import { backupRequestSchema, dumpFormatSchema, type Run, type Unit } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { z } from 'zod';
import { backupDocument } from '../backup/backup-document.ts';
import { backupView } from '../backup/backup-view.ts';
import { readMade } from '../backup/read-made.ts';
import type { CommandContext } from '../cli/command-context.ts';
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import type { ExitCode } from '../exit-code.ts';
import { answerPlan } from '../plan/plan.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { UsageError } from '../usage-error.ts';
import { uploadPlan } from './upload-plan.ts';
import { dumpToUpload, libraryToUpload } from './uploaded-files.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  dump: z.string().optional(),
  dumpFormat: z
    .enum(dumpFormatSchema.options, `must be one of ${dumpFormatSchema.options.join(', ')}`)
    .optional(),
  library: z.string().optional(),
  notes: z.string().max(2000, 'may have 2,000 characters').optional(),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  dryRun: z.boolean().default(false),
  wait: z.boolean().default(false),
});

/** `lcb backup upload` */
export async function uploadBackup(context: CommandContext, given: unknown): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  if (options.dump === undefined && options.library === undefined)
    throw new UsageError('Say what to upload, with --dump, --library or both.');
  const settings = loadConfig(context.places);
  const source = selectEnvironment(settings.environments, options);
  const { projectId, environment } = source;
  const { workingDirectory } = context.places;
  if (options.dump !== undefined && source.database === undefined) {
    throw new UsageError(
      `lcb.yaml declares no database for ${projectId}/${environment}: an uploaded dump is loaded and checked on its server.`,
    );
  }
  const units: Unit[] = [];
  if (options.dump !== undefined) units.push('database');
  if (options.library !== undefined) units.push('documentLibrary');
  const request = backupRequestSchema.parse({
    kind: 'backup',
    ...requestBase(options.requestId),
    projectId,
    environment,
    type: 'Uploaded',
    units,
    mode: 'full',
    notes: options.notes,
    source,
    upload: {
      ...(options.dump === undefined
        ? {}
        : { dump: await dumpToUpload(options.dump, options.dumpFormat, workingDirectory) }),
      ...(options.library === undefined
        ? {}
        : { library: await libraryToUpload(options.library, workingDirectory) }),
    },
  });
  if (options.dryRun) return answerPlan(context.output, await uploadPlan(context, settings, request));
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
