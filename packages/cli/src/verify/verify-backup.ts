import { randomUUID } from 'node:crypto';
import {
  environmentRef,
  LcbError,
  type LevelVerification,
  type ReadingLevel,
  readingLevelSchema,
  type Sample,
  verifyAtLevel,
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
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openByteProgress } from '../progress/byte-progress.ts';
import { onInterrupt } from '../service/interrupt.ts';
import { openProvider } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';
import { UsageError } from '../usage-error.ts';
import { findLocation } from './find-location.ts';
import { levelOptions, sampleOf } from './level-options.ts';
import { placeOf, type VerifiedPlace } from './place-of.ts';
import { readTrustedKeys } from './trusted-keys.ts';
import { verificationDocument, verificationView } from './verification-view.ts';
import { verifyByRestore } from './verify-by-restore.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  key: z.array(z.string()).optional(),
  location: backupLocation.optional(),
  record: z.boolean().default(true),
  ...levelOptions,
  server: z.string().optional(),
  secret: z.string().optional(),
  requestId: z.string().min(1, 'must not be empty').max(200, 'may have 200 characters').optional(),
  wait: z.boolean().default(false),
});

/**
 * `lcb backup verify`: looks at a backup as far as its level goes. The result is kept beside the backup as a signed record, but only by
 * the installation that made it: another one's signature would be a stranger's there.
 */
export async function verify(context: CommandContext, backupId: string, given: unknown): Promise<ExitCode> {
  parseRunId('backup', backupId);
  const options = parseOptions(optionsSchema, given);
  const sample = sampleOf(options);
  const level = readingLevelSchema.safeParse(options.level).data;
  if (level === undefined) {
    refuse(options.key !== undefined || !options.record, '--key and --no-record', 'the other levels');
    return verifyByRestore(context, backupId, options);
  }
  const isOfRun = [options.server, options.secret, options.requestId].some((each) => each !== undefined);
  refuse(isOfRun || options.wait, '--server, --secret, --request-id and --wait', '--level restore');
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
  const found = await look(local, environment, backupId, { trustedKeys, level, sample });
  const seconds = (performance.now() - began) / 1000;
  const record =
    options.record && givenKeys === undefined
      ? await keep(local, environment, backupId, found, seconds)
      : undefined;
  const { location } = environment.backups;
  context.output.answer({
    json: verificationDocument({ backupId, location, found, seconds, record }),
    table: () => verificationView({ backupId, location, found, seconds, record }),
  });
  return found.ok ? exitCodes.done : exitCodes.failed;
}

function refuse(isGiven: boolean, names: string, of: string): void {
  if (isGiven) throw new UsageError(`${names} are of ${of}.`);
}

async function look(
  { provider }: LocalProvider,
  environment: VerifiedPlace,
  backupId: string,
  how: {
    readonly trustedKeys: Awaited<ReturnType<LocalProvider['trustedKeys']>>;
    readonly level: ReadingLevel;
    readonly sample: Sample;
  },
): Promise<LevelVerification> {
  const interrupted = new AbortController();
  const stop = onInterrupt(() => interrupted.abort());
  const progress = openByteProgress(`Verifying ${backupId}`);
  try {
    return await verifyAtLevel({
      store: provider.objectStore(environment.backups.location),
      backup: { ...environmentRef(environment), backupId },
      ...how,
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
  found: LevelVerification,
  seconds: number,
): Promise<string> {
  const { ok, problems, level, sample, bytesRead, artefacts, objects, objectsRead } = found;
  const store = provider.objectStore(environment.backups.location);
  return writeRecord(store, signer, clock, environmentRef(environment), `verified-${randomUUID()}`, {
    type: 'verified',
    at: clock.now(),
    actor: initiator(),
    backupId,
    ok,
    problems: [...problems],
    level,
    seconds,
    bytesRead,
    artefacts,
    objects,
    objectsRead,
    ...(sample === undefined ? {} : { sample }),
  });
}
