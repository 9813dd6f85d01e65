import {
  LcbError,
  type LocationReport,
  NotFoundError,
  type ReadingLevel,
  readingLevelSchema,
  type Sample,
  type TrustedKey,
  verifyLocation,
} from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { environmentOptions, parseOptions } from '../cli/parse-options.ts';
import { findSettings } from '../config/find-settings.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openByteProgress } from '../progress/byte-progress.ts';
import { onInterrupt } from '../service/interrupt.ts';
import { UsageError } from '../usage-error.ts';
import { levelOptions, sampleOf } from './level-options.ts';
import { locationDocument } from './location-document.ts';
import { locationView } from './location-view.ts';
import { type OpenBackups, openBackups } from './open-backups.ts';
import { readTrustedKeys } from './trusted-keys.ts';

const optionsSchema = z.object({
  ...environmentOptions,
  backup: z.string().optional(),
  key: z.array(z.string()).optional(),
  ...levelOptions,
});
type Options = z.infer<typeof optionsSchema>;

/** `lcb verify`: every backup of a location, with nothing but the location and keys to trust. */
export async function verifyBackups(
  context: CommandContext,
  given: string,
  options: unknown,
): Promise<ExitCode> {
  const parsed = parseOptions(optionsSchema, options);
  if (parsed.backup !== undefined) parseRunId('backup', parsed.backup);
  const givenKeys = parsed.key === undefined ? undefined : readTrustedKeys(parsed.key);
  const opened = await openBackups(context, findSettings(context.places), given);
  const trustedKeys = givenKeys ?? opened.trustedKeys;
  if (trustedKeys.length === 0) {
    throw new UsageError(
      'There is no key to trust here. Give the public keys of the installation that made the backups with --key.',
    );
  }
  const level = readingLevelSchema.safeParse(parsed.level).data;
  if (level === undefined)
    throw new UsageError('--level restore is of one backup: lcb backup verify ID --level restore');
  const sample = sampleOf(parsed);
  const began = performance.now();
  const report = await look(opened, trustedKeys, parsed, { level, sample });
  const seconds = (performance.now() - began) / 1000;
  const { location } = opened;
  if (!report.environments.some(({ backups }) => backups.length > 0)) {
    throw new NotFoundError(`There is no such backup in ${location}.`);
  }
  const answer = { location, level, sample: level === 'sample' ? sample : undefined, report, seconds };
  context.output.answer({ json: locationDocument(answer), table: () => locationView(answer) });
  return report.ok ? exitCodes.done : exitCodes.failed;
}

async function look(
  { store, location }: OpenBackups,
  trustedKeys: readonly TrustedKey[],
  options: Options,
  depth: { readonly level: ReadingLevel; readonly sample: Sample },
): Promise<LocationReport> {
  const interrupted = new AbortController();
  const stop = onInterrupt(() => interrupted.abort());
  const progress = openByteProgress(`Verifying ${location}`);
  try {
    return await verifyLocation({
      store,
      trustedKeys,
      choice: {
        projectId: options.project,
        environment: options.environment,
        backupId: options.backup,
      },
      ...depth,
      concurrency: 8,
      signal: interrupted.signal,
      onProgress: progress.update,
    });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    const message = `The verification of ${location} was stopped. It says nothing of the backups.`;
    throw new LcbError({ code: 'run.cancelled', message, cause: error });
  } finally {
    progress.end();
    stop();
  }
}
