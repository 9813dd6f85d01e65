import type { Run, RunRequest } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';

/** Submits a request and waits for its end, whatever it is. */
export async function runToEnd(service: LocalService, request: RunRequest): Promise<Run> {
  return service.waitFor(await service.submit(request), () => undefined, new AbortController().signal);
}
