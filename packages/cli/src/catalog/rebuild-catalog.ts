import { randomUUID } from 'node:crypto';
import {
  type LocationChoice,
  NotFoundError,
  type RebuildRequest,
  type RebuiltEnvironment,
  readBackups,
  rebuildCatalog,
  type TrustedKey,
} from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { withService } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';
import { UsageError } from '../usage-error.ts';
import { openBackups } from '../verify/open-backups.ts';
import { readTrustedKeys } from '../verify/trusted-keys.ts';
import { rebuildView } from './rebuild-view.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  key: z.array(z.string()).optional(),
  dryRun: z.boolean().default(false),
});

/** `lcb catalog rebuild`: what is left out is told, and is no success. */
export async function rebuild(context: CommandContext, given: string, options: unknown): Promise<ExitCode> {
  const { project, environment, key, dryRun } = parseOptions(optionsSchema, options);
  const settings = loadConfig(context.places);
  const opened = await openBackups(context, settings, given);
  const trustedKeys: readonly TrustedKey[] =
    key === undefined ? opened.trustedKeys : [...opened.trustedKeys, ...readTrustedKeys(key)];
  if (trustedKeys.length === 0) {
    throw new UsageError(
      `There is no key to trust in ${settings.stateDirectory}/keys. Put the keys of the lost installation there, or give its public keys with --key.`,
    );
  }
  const { store, location } = opened;
  const choice: LocationChoice = { projectId: project, environment };
  const request: RebuildRequest = { store, location, trustedKeys, declared: settings.environments, choice };
  const environments = dryRun
    ? await look(request)
    : await withService(context, settings, ({ catalog, signer, clock }) =>
        rebuildCatalog({
          ...request,
          catalog,
          signer,
          clock,
          actor: initiator(),
          correlationId: randomUUID(),
        }),
      );
  if (environments.length === 0) throw new NotFoundError(`There is no backup in ${location}.`);
  const isWhole = environments.every(
    ({ backups, recordProblems }) =>
      recordProblems.length === 0 &&
      backups.every(({ outcome }) => outcome !== 'leftOut' && outcome !== 'conflict'),
  );
  context.output.answer({
    json: { location, dryRun, ok: isWhole, environments },
    table: () => rebuildView(location, environments, dryRun),
  });
  return isWhole ? exitCodes.done : exitCodes.failed;
}

/** What there is, without opening the catalog: there may be none. */
async function look(request: RebuildRequest): Promise<RebuiltEnvironment[]> {
  const environments: RebuiltEnvironment[] = [];
  for await (const { ref, backups, records } of readBackups(request)) {
    environments.push({
      ...ref,
      backups: backups.map((read) =>
        read.backup === undefined
          ? { backupId: read.backupId, outcome: 'leftOut', reason: read.reason }
          : { backupId: read.backupId, outcome: 'created' },
      ),
      recordProblems: records.problems.texts,
      auditLost: false,
    });
  }
  return environments;
}
