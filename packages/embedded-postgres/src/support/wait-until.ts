import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 20;

/** Asks `condition` every 20 ms until it gives something true, and gives that; undefined once `timeoutMs` have passed. */
export async function waitUntil<T>(
  timeoutMs: number,
  condition: () => Promise<T | undefined | false>,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) return undefined;
    await delay(PAUSE_MS);
  }
}
