import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LcbError } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { backupLocation, parseOptions, unitList, wholeNumber } from '../cli/parse-options.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { answerPlan } from '../plan/plan.ts';
import { openByteProgress } from '../progress/byte-progress.ts';
import { onInterrupt } from '../service/interrupt.ts';
import { backupItems } from './backup-items.ts';
import { type DownloadMark, folderState, freeBytes, markFolder, occupied } from './download-folder.ts';
import { openJournal } from './download-journal.ts';
import { downloadPlan, notEnoughSpace } from './download-plan.ts';
import { downloadDocument, downloadView } from './download-view.ts';
import { type Fetched, type FetchRequest, fetchItems } from './fetch-items.ts';
import { locateBackup } from './locate-backup.ts';
import { type OpenedBackup, openBackup } from './open-backup.ts';
import { surveyLibrary } from './survey-library.ts';

const optionsSchema = z.object({
  to: z.string().min(1, 'must name a folder'),
  location: backupLocation.optional(),
  key: z.array(z.string()).optional(),
  units: unitList.optional(),
  archive: z.boolean().default(false),
  compressed: z.boolean().default(false),
  concurrency: wholeNumber(1, 256).default(8),
  dryRun: z.boolean().default(false),
});

/** `lcb backup download`: this process reads the backup and checks every byte on its way; no service is needed. */
export async function downloadBackup(
  context: CommandContext,
  backupId: string,
  given: unknown,
): Promise<ExitCode> {
  parseRunId('backup', backupId);
  const { archive, compressed, concurrency, ...options } = parseOptions(optionsSchema, given);
  const located = await locateBackup(context, backupId, {
    location: options.location,
    keyFiles: options.key,
  });
  const { provider, trusted, sealedSha256 } = located;
  const backup = await openBackup(located, trusted, { units: options.units, sealedSha256 });
  const folder = resolve(context.places.workingDirectory, options.to);
  const target = provider.objectStore(pathToFileURL(folder).href);
  const refuses = (path: string) => target.refuses(path);
  const survey = await surveyLibrary({ backup, refuses });
  const mark = markOf(backup, { archive, compressed });
  const state = await folderState(folder, mark);
  const space = { needed: bytesOf(backup, compressed) + survey.bytes, free: await freeBytes(folder) };
  if (options.dryRun) {
    return answerPlan(context.output, downloadPlan({ backup, folder, state, space, survey, mark }));
  }
  if (state === 'occupied') throw occupied(folder);
  if (state === 'new' && space.needed > space.free) throw notEnoughSpace(folder, space);
  await markFolder(folder, mark);
  const began = performance.now();
  const fetched = await whileInterruptible(backupId, space.needed, folder, (signal, onBytes) => ({
    items: backupItems({
      backup,
      refuses,
      archive,
      compressed,
      hasEscaped: survey.escapedObjects > 0,
      concurrency,
      signal,
    }),
    target,
    concurrency,
    signal,
    onBytes,
  }));
  const answer = { backup, folder, fetched, survey, seconds: (performance.now() - began) / 1000 };
  context.output.answer({ json: downloadDocument(answer), table: () => downloadView(answer) });
  return fetched.problemCount === 0 ? exitCodes.done : exitCodes.failed;
}

async function whileInterruptible(
  backupId: string,
  expectedBytes: number,
  folder: string,
  requestOf: (signal: AbortSignal, onBytes: (bytes: number) => void) => Omit<FetchRequest, 'journal'>,
): Promise<Fetched> {
  const interrupted = new AbortController();
  const stop = onInterrupt(() => interrupted.abort());
  const progress = openByteProgress(`Downloading ${backupId}`);
  const journal = await openJournal(folder);
  let bytes = 0;
  let complete = false;
  try {
    const fetched = await fetchItems({
      ...requestOf(interrupted.signal, (more) => {
        bytes += more;
        progress.update({ bytes, expectedBytes });
      }),
      journal,
    });
    complete = fetched.problemCount === 0;
    return fetched;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    const message = `The download of ${backupId} was stopped. The same command goes on with it.`;
    throw new LcbError({ code: 'run.cancelled', message, cause: error });
  } finally {
    await journal.close(complete);
    progress.end();
    stop();
  }
}

function bytesOf({ dump }: OpenedBackup, compressed: boolean): number {
  if (dump === undefined) return 0;
  return compressed ? dump.storedBytes : dump.bytes;
}

function markOf(
  { backupId, manifestSha256, manifest }: OpenedBackup,
  form: { readonly archive: boolean; readonly compressed: boolean },
): DownloadMark {
  const units = Object.keys(manifest.units);
  return { format: 'lcb-download', version: 1, backupId, manifestSha256, units, ...form };
}
