/** A stream of these items that knows whether it was ended: read to its end, or returned by who stopped early. */
export interface WatchedStream<T> extends AsyncIterable<T> {
  readonly taken: number;
  readonly ended: boolean;
}

/** Streams the items one by one; `failAt` throws instead of the item of that position. */
export function watched<T>(
  items: Iterable<T>,
  options: { readonly failAt?: number; readonly error?: unknown } = {},
): WatchedStream<T> {
  let taken = 0;
  let ended = false;
  return {
    get taken() {
      return taken;
    },
    get ended() {
      return ended;
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (const item of items) {
          if (taken === options.failAt) throw options.error;
          taken += 1;
          await turn();
          yield item;
        }
        if (taken === options.failAt) throw options.error;
      } finally {
        ended = true;
      }
    },
  };
}

/** Lets everybody else have a turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export async function toArray<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
