import { IntegrityError } from '../errors/errors.ts';
import { compareKeys } from './compare-keys.ts';

export interface Keyed {
  readonly key: string;
}

/** Passes a stream on and fails when it is not strictly ascending by key: a listing that lies is found, not trusted. */
export async function* strictlySorted<T extends Keyed>(
  name: string,
  rows: AsyncIterable<T>,
): AsyncGenerator<T> {
  let last: string | undefined;
  for await (const row of rows) {
    if (last !== undefined && compareKeys(row.key, last) <= 0) {
      throw new IntegrityError(
        `${name} is not sorted: ${JSON.stringify(row.key)} comes after ${JSON.stringify(last)}.`,
        'integrity.unsorted',
      );
    }
    last = row.key;
    yield row;
  }
}

/** Full outer join of two sorted streams by key; at least one side of each pair is there. Flat memory. */
export async function* joinSorted<L extends Keyed, R extends Keyed>(
  left: AsyncIterable<L>,
  right: AsyncIterable<R>,
): AsyncGenerator<{ readonly key: string; readonly left?: L; readonly right?: R }> {
  const lefts = left[Symbol.asyncIterator]();
  const rights = right[Symbol.asyncIterator]();
  try {
    // Both at once, from the first on: each may be a listing that a server takes its time for.
    let [l, r] = await Promise.all([lefts.next(), rights.next()]);
    while (!l.done || !r.done) {
      const order = l.done ? 1 : r.done ? -1 : compareKeys(l.value.key, r.value.key);
      if (order < 0 && !l.done) {
        yield { key: l.value.key, left: l.value };
        l = await lefts.next();
      } else if (order > 0 && !r.done) {
        yield { key: r.value.key, right: r.value };
        r = await rights.next();
      } else if (!l.done && !r.done) {
        yield { key: l.value.key, left: l.value, right: r.value };
        [l, r] = await Promise.all([lefts.next(), rights.next()]);
      }
    }
  } finally {
    await lefts.return?.();
    await rights.return?.();
  }
}

/** Merges any number of sorted streams into one; equal keys come one after the other, in the order of the streams. */
export async function* mergeSorted<T extends Keyed>(streams: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let least: { readonly index: number; readonly row: T } | undefined;
      for (const [index, head] of heads.entries()) {
        if (!head.done && (least === undefined || compareKeys(head.value.key, least.row.key) < 0)) {
          least = { index, row: head.value };
        }
      }
      if (least === undefined) return;
      yield least.row;
      const next = await iterators[least.index]?.next();
      if (next !== undefined) heads[least.index] = next;
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/** Neighbours with one key as one group. */
export async function* groupSorted<T extends Keyed>(
  items: AsyncIterable<T>,
): AsyncGenerator<{ readonly key: string; readonly members: readonly T[] }> {
  let members: T[] = [];
  for await (const item of items) {
    const [first] = members;
    if (first !== undefined && first.key !== item.key) {
      yield { key: first.key, members };
      members = [];
    }
    members.push(item);
  }
  const [first] = members;
  if (first !== undefined) yield { key: first.key, members };
}
