/** One name on both sides, or on one of them. */
export type Pair<T> =
  | { readonly in: 'both'; readonly a: T; readonly b: T }
  | { readonly in: 'a'; readonly a: T }
  | { readonly in: 'b'; readonly b: T };

/** Walks two sorted streams side by side, holding one element of each. `compare` must be the order of both. */
export async function* mergeSorted<T>(
  streamA: AsyncIterable<T>,
  streamB: AsyncIterable<T>,
  compare: (a: T, b: T) => number,
): AsyncGenerator<Pair<T>> {
  const iteratorA = streamA[Symbol.asyncIterator]();
  const iteratorB = streamB[Symbol.asyncIterator]();
  try {
    let [a, b] = await Promise.all([iteratorA.next(), iteratorB.next()]);
    while (!a.done || !b.done) {
      const order = a.done ? 1 : b.done ? -1 : compare(a.value, b.value);
      if (!a.done && !b.done && order === 0) {
        yield { in: 'both', a: a.value, b: b.value };
        [a, b] = await Promise.all([iteratorA.next(), iteratorB.next()]);
      } else if (!a.done && order < 0) {
        yield { in: 'a', a: a.value };
        a = await iteratorA.next();
      } else if (!b.done) {
        yield { in: 'b', b: b.value };
        b = await iteratorB.next();
      }
    }
  } finally {
    await Promise.all([iteratorA.return?.(), iteratorB.return?.()]);
  }
}
