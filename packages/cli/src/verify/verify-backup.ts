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
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
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
  record: z.boolean().default(true),
});

/**
 * `lcb backup verify`: reads every byte of a backup. The result is kept beside the backup as a signed record, but only by
 * the installation that made it: another one's signature would be a stranger's there.
 */
export async function verify(context: CommandContext, backupId: string, given: unknown): Promise<ExitCode> {
  parseRunId('backup', backupId);
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const givenKeys = options.key === undefined ? undefined : readTrustedKeys(options.key);
  const local = await openProvider(context, settings);
  const environment = await findLocation(local, settings.environments, options, backupId);
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

async function readAll(
  { provider }: LocalProvider,
  environment: Environment,
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
  environment: Environment,
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
