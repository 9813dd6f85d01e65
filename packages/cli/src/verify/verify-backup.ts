import { randomUUID } from 'node:crypto';
import {
  type Environment,
  environmentRef,
  LcbError,
  type Verification,
  verifyBackup,
  writeRecord,
} from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { backupLocation, environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { settingsWithoutConfig } from '../config/settings-without-config.ts';
import { locationUrl } from '../config/values.ts';
import { findInLocation } from '../download/open-backup.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openByteProgress } from '../progress/byte-progress.ts';
import { onInterrupt } from '../service/interrupt.ts';
import { openProvider } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';
import { UsageError } from '../usage-error.ts';
import { findLocation } from './find-location.ts';
import { readTrustedKeys } from './trusted-keys.ts';
import { verificationDocument, verificationView } from './verification-view.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  key: z.array(z.string()).optional(),
  location: backupLocation.optional(),
  record: z.boolean().default(true),
});

type VerifiedPlace = Pick<Environment, 'projectId' | 'environment' | 'backups'>;

/**
 * `lcb backup verify`: reads every byte of a backup. The result is kept beside the backup as a signed record, but only by
 * the installation that made it: another one's signature would be a stranger's there.
 */
export async function verify(context: CommandContext, backupId: string, given: unknown): Promise<ExitCode> {
  parseRunId('backup', backupId);
  const options = parseOptions(optionsSchema, given);
  const givenKeys = options.key === undefined ? undefined : readTrustedKeys(options.key);
  const isForeign = options.location !== undefined && givenKeys !== undefined;
  const settings = isForeign ? settingsWithoutConfig(context.places) : loadConfig(context.places);
  const local = await openProvider(context, settings);
  const environment =
    options.location === undefined
      ? await findLocation(local, settings.environments, options, backupId)
      : await placeOf(local, locationUrl(options.location, context.places.workingDirectory), backupId);
  const trustedKeys = givenKeys ?? (await local.trustedKeys());
  if (trustedKeys.length === 0) {
    throw new UsageError(
      `There is no key to trust in ${settings.stateDirectory}/keys: nothing was signed here yet. Give the public keys of the installation that made the backup with --key.`,
    );
  }
  const began = performance.now();
  const found = await readAll(local, environment, backupId, trustedKeys);
  const seconds = (performance.now() - began) / 1000;
  const record =
    options.record && givenKeys === undefined ? await keep(local, environment, backupId, found) : undefined;
  const { location } = environment.backups;
  context.output.answer({
    json: verificationDocument({ backupId, location, found, seconds, record }),
    table: () => verificationView({ backupId, location, found, seconds, record }),
  });
  return found.ok ? exitCodes.done : exitCodes.failed;
}

/** What a location holds need not be of an environment that lcb.yaml declares. */
async function placeOf(
  { provider }: LocalProvider,
  location: string,
  backupId: string,
): Promise<VerifiedPlace> {
  const { ref } = await findInLocation(provider.objectStore(location), backupId);
  return { ...ref, backups: { location } };
}

async function readAll(
  { provider }: LocalProvider,
  environment: VerifiedPlace,
  backupId: string,
  trustedKeys: Awaited<ReturnType<LocalProvider['trustedKeys']>>,
): Promise<Verification> {
  const interrupted = new AbortController();
  const stop = onInterrupt(() => interrupted.abort());
  const progress = openByteProgress(`Verifying ${backupId}`);
  try {
    return await verifyBackup({
      store: provider.objectStore(environment.backups.location),
      backup: { ...environmentRef(environment), backupId },
      trustedKeys,
      concurrency: 8,
      signal: interrupted.signal,
      onProgress: progress.update,
    });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    const message = `The verification of ${backupId} was stopped. It says nothing of the backup.`;
    throw new LcbError({ code: 'run.cancelled', message, cause: error });
  } finally {
    progress.end();
    stop();
  }
}

/** @returns the record's key */
async function keep(
  { provider, signer, clock }: LocalProvider,
  environment: VerifiedPlace,
  backupId: string,
  { ok, problems, bytesRead }: Verification,
): Promise<string> {
  const store = provider.objectStore(environment.backups.location);
  return writeRecord(store, signer, clock, environmentRef(environment), `verified-${randomUUID()}`, {
    type: 'verified',
    at: clock.now(),
    actor: initiator(),
    backupId,
    ok,
    problems: [...problems],
    bytesRead,
  });
}
