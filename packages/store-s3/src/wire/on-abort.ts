/** What waits for a signal, of which the signal itself knows one listener. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `act` when the signal fires, once. A copy of a library makes thousands of requests a second that all listen to one signal, and to
 * add a listener there and take it away takes longer than to sign a request. Nothing is left with the signal once nobody waits.
 * @returns what ends the waiting
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return nothing;
  const acts = waiting.get(signal) ?? listen(signal);
  acts.add(act);
  return () => {
    acts.delete(act);
    if (acts.size > 0 || waiting.get(signal) !== acts) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', onFired);
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>();
  waiting.set(signal, acts);
  signal.addEventListener('abort', onFired, { once: true });
  return acts;
}

function onFired(this: AbortSignal): void {
  const acts = waiting.get(this);
  waiting.delete(this);
  for (const act of acts ?? []) act();
}

function nothing(): void {}
