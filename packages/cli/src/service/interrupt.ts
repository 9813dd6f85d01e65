const signals = ['SIGINT', 'SIGTERM'] as const;

/** A launcher may pass on a signal that the terminal sent to the whole group: within this many milliseconds it is the same. */
const sameMilliseconds = 100;

/**
 * Calls `act` with 1, 2, … at each Ctrl-C, or SIGTERM, in place of ending the process.
 * @returns a function that gives the signals back
 */
export function onInterrupt(act: (count: number) => void): () => void {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  const interrupted = () => {
    const now = performance.now();
    const isEcho = now - last < sameMilliseconds;
    last = now;
    if (isEcho) return;
    count += 1;
    act(count);
  };
  for (const signal of signals) process.on(signal, interrupted);
  return () => {
    for (const signal of signals) process.off(signal, interrupted);
  };
}
