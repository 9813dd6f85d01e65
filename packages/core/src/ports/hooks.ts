import type { CloudEvent } from '../model/cloud-event.ts';
import type { Hook } from '../model/hook.ts';

/** Asks an environment to do something that only its owner knows how to do. */
export interface Hooks {
  /**
   * Calls the hook with the event and returns once it has said that the thing is done (2xx, exit code 0). Calling again with
   * the same event is the same call: it carries the event's id, by which the other side tells repetitions.
   *
   * @param signal ends the call early
   * @throws LcbError `hook.egressRefused` the address may not be reached; never retryable
   * @throws LcbError `hook.timedOut`, `hook.unreachable` nobody answered; retryable
   * @throws LcbError `hook.refused` it answered, but not with success; retryable for 408, 425, 429 and 5xx
   * @throws LcbError `hook.commandFailed`, `hook.commandNotStarted`, `hook.commandNotAllowed`
   */
  call(hook: Hook, event: CloudEvent, signal: AbortSignal): Promise<void>;
}
