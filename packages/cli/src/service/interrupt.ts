const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Calls `act` with 1, 2, … at each Ctrl-C, or SIGTERM, in place of ending the process.
 * @returns a function that gives the signals back
 */
export function onInterrupt(act: (count: number) => void): () => void {
  let count = 0;
  const interrupted = () => {
    count += 1;
    act(count);
  };
  for (const signal of signals) process.on(signal, interrupted);
  return () => {
    for (const signal of signals) process.off(signal, interrupted);
  };
}
