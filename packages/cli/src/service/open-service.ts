import type { LocalProvider, LocalService, LocalServiceOptions } from '@lcb/functions-local';
import type { LocalSettings } from '@lcb/functions-local/settings';
import type { CommandContext } from '../cli/command-context.ts';
import { whileShowing } from '../progress/while-showing.ts';
import { version } from '../version.ts';
import { onInterrupt } from './interrupt.ts';

type OnEvent = LocalServiceOptions['onEvent'];

/**
 * Opens the service for as long as `use` lasts. Engine, catalog and server are most of the program: loaded only here.
 * @param onEvent problems are noticed when left out; the rest shows in the runs themselves
 */
export async function withService<T>(
  { entry, output }: CommandContext,
  settings: LocalSettings,
  use: (service: LocalService) => Promise<T>,
  onEvent: OnEvent = (event) => {
    if (event.kind === 'problem') output.notice(event.message);
  },
): Promise<T> {
  // What is being opened would be left behind by a signal in the middle: it is opened, closed again, and then we leave.
  const interrupted = new AbortController();
  const stop = onInterrupt(() => interrupted.abort());
  const service = await whileShowing('Opening the catalog …', async () => {
    const { openLocalService } = await import('@lcb/functions-local');
    return openLocalService({
      settings,
      jobCommand: jobCommand(entry, settings),
      serviceVersion: version,
      onEvent,
    });
  });
  try {
    stop();
    if (interrupted.signal.aborted) {
      const { LcbError } = await import('@lcb/core');
      throw new LcbError({ code: 'lcb.interrupted', message: 'Interrupted before anything was done.' });
    }
    return await use(service);
  } finally {
    await service.close();
  }
}

/** What needs no catalog: the stores, the databases and the keys. */
export async function openProvider(
  { entry }: CommandContext,
  settings: LocalSettings,
): Promise<LocalProvider> {
  const { openLocalProvider } = await import('@lcb/functions-local');
  return openLocalProvider({ settings, jobCommand: jobCommand(entry, settings) });
}

/**
 * What streams through a job are short-lived buffers, which lie outside of the heap: only where the heap's youngest part is small, it
 * is looked through often enough for them to go soon. Otherwise it is the whole heap that is searched, again and again. MiB.
 */
const youngHeap = '--max-semi-space-size=1';

/** Jobs are this program again. Everything after `--` is theirs. */
function jobCommand(entry: string, { baseDirectory }: LocalSettings): [string, ...string[]] {
  return [process.execPath, youngHeap, entry, 'job', '--base', baseDirectory, '--'];
}
