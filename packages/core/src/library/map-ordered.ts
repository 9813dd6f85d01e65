/**
 * Applies an asynchronous function to a stream with bounded concurrency and yields the results in the stream's order.
 * At most `concurrency` calls are under way or waiting to be taken; asked anew for each. After a failure no further call begins.
 */
export async function* mapOrdered<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  concurrency: number | (() => number),
  apply: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const most = typeof concurrency === 'number' ? () => concurrency : concurrency;
  const pending: Promise<R>[] = [];
  let failed = false;
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  try {
    for (;;) {
      while (pending.length < most() && !failed) {
        const next = await iterator.next();
        if (failed) break;
        if (next.done) {
          while (pending.length > 0) yield await shift(pending);
          return;
        }
        const result = apply(next.value);
        // A failure is thrown when its turn comes; until then it must not count as unhandled.
        result.catch(() => {
          failed = true;
        });
        pending.push(result);
      }
      yield await shift(pending);
    }
  } finally {
    await Promise.allSettled(pending);
    await iterator.return?.();
  }
}

function shift<R>(pending: Promise<R>[]): Promise<R> {
  const first = pending.shift();
  if (first === undefined) throw new RangeError('nothing is pending');
  return first;
}
