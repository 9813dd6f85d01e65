import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalService } from '@lcb/functions-local';
import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { writeEvent } from '../output/output.ts';
import { onInterrupt } from '../service/interrupt.ts';
import { withService } from '../service/open-service.ts';
import { version } from '../version.ts';
import { logOwnerEvent } from './log.ts';

const lookMilliseconds = 1000;

/**
 * `lcb serve`: runs what is submitted, until it is told to stop. Runs that it leaves unfinished go on in the next lcb.
 * While another process does the work, this one stands by and takes over when that one ends.
 */
export async function serve(context: CommandContext): Promise<ExitCode> {
  const settings = loadConfig(context.places);
  const stopping = new AbortController();
  const restore = onInterrupt((count) => {
    if (count > 1) process.exit(exitCodes.interrupted);
    writeEvent('serve.stopping', {});
    stopping.abort();
  });
  try {
    writeEvent('serve.starting', { version, pid: process.pid, environments: settings.environments.length });
    await withService(context, settings, (service) => stayOwner(service, stopping.signal), logOwnerEvent);
    writeEvent('serve.stopped', {});
    return exitCodes.done;
  } finally {
    restore();
  }
}

/** @throws LcbError `owner.lost` when the catalog is gone: whoever supervises this process starts it again */
async function stayOwner(service: LocalService, stop: AbortSignal): Promise<void> {
  let was: boolean | undefined;
  while (!stop.aborted) {
    const owns = await service.own();
    if (owns !== was) writeEvent(owns ? 'serve.working' : 'serve.standingBy', {});
    was = owns;
    await sleep(lookMilliseconds, undefined, { signal: stop }).catch(endsOnly(stop));
  }
}

/** A wait that was cut short because it is time to stop is no error. */
function endsOnly(stop: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!stop.aborted) throw error;
  };
}
