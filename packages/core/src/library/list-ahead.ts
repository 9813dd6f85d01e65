import { IntegrityError } from '../errors/errors.ts';
import type { ListOptions } from '../ports/object-store.ts';
import { compareKeys } from './compare-keys.ts';
import { keyAhead } from './key-ahead.ts';
import type { Keyed } from './merge-sorted.ts';

/** A store's own listing: one request after the other, each of which can only be asked for when the one before is answered. */
export type List<T extends Keyed> = (options: ListOptions) => AsyncIterable<T>;

export interface AheadOptions {
  /** Keys that one answer has, at most: nothing is asked ahead before so many have come. */
  readonly pageSize: number;
  /** Ranges that are listed at once. */
  readonly ranges: number;
  /** Pages that one range holds until its turn comes. */
  readonly pages: number;
}

/**
 * One sorted listing, of which several ranges are asked for at once. Where the next range begins is guessed from the keys that have come, so no
 * request is made only to find that out; a bad guess makes a range short or long, never wrong, since each ends where the next one
 * begins. Several entries may have one key (its versions): they stay together. Memory: `(ranges + 1) * pages * pageSize` entries at most.
 */
export async function* listAhead<T extends Keyed>(
  list: List<T>,
  options: ListOptions,
  ahead: AheadOptions,
): AsyncGenerator<T> {
  const ranges: Range<T>[] = [];
  const open = (after: string | undefined) => {
    ranges.push(
      new Range(list, { ...options, ...(after === undefined ? {} : { startAfter: after }) }, ahead, onPage),
    );
  };
  /** The range that nobody follows yet gets a successor, as soon as its keys tell where that could begin. */
  function onPage(range: Range<T>, first: string, last: string): void {
    if (range !== ranges.at(-1) || ranges.length >= ahead.ranges) return;
    const guess = keyAhead(first, last, ahead.pages);
    if (guess === undefined || !range.endAt(guess)) return;
    open(guess);
  }
  try {
    open(options.startAfter);
    for (let range = ranges[0]; range !== undefined; range = ranges[0]) {
      yield* range.rest();
      ranges.shift();
    }
  } finally {
    await Promise.all(ranges.map((range) => range.close()));
  }
}

/** The keys after one key up to another one, read ahead as far as it may. */
class Range<T extends Keyed> {
  readonly #iterator: AsyncIterator<T>;
  readonly #ahead: AheadOptions;
  readonly #onPage: (range: Range<T>, first: string, last: string) => void;
  readonly #ready: T[] = [];
  readonly #after: string | undefined;
  #until: string | undefined;
  #last: string | undefined;
  /** First key of the page that is being read. */
  #first: string | undefined;
  #count = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;

  constructor(
    list: List<T>,
    options: ListOptions,
    ahead: AheadOptions,
    onPage: (range: Range<T>, first: string, last: string) => void,
  ) {
    this.#iterator = list(options)[Symbol.asyncIterator]();
    // A server that does not begin after it would have keys come twice.
    this.#after = options.startAfter;
    this.#ahead = ahead;
    this.#onPage = onPage;
    this.#read();
  }

  /** Leaves what comes after this key to another range. Refused where it is past that key already. */
  endAt(key: string): boolean {
    if (this.#ended || (this.#last !== undefined && compareKeys(key, this.#last) <= 0)) return false;
    this.#until = key;
    return true;
  }

  async *rest(): AsyncGenerator<T> {
    for (;;) {
      // In one go: they are all there.
      const ready = this.#ready.splice(0);
      // Goes on meanwhile.
      if (!this.#ended) this.#read();
      yield* ready;
      if (ready.length > 0) continue;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return;
      await this.#reading;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#reading;
    await this.#iterator.return?.();
  }

  /** Reads until it holds as much as it may. A failure is kept until its turn comes. */
  #read(): void {
    this.#reading ??= this.#fill()
      .catch((error: unknown) => {
        this.#failure = { error };
        this.#ended = true;
      })
      .finally(() => {
        this.#reading = undefined;
      });
  }

  async #fill(): Promise<void> {
    const { pageSize, pages } = this.#ahead;
    while (!this.#ended && this.#ready.length < pages * pageSize) {
      const next = await this.#iterator.next();
      if (this.#ended) return;
      if (next.done === true) {
        this.#ended = true;
        return;
      }
      const { key } = next.value;
      const last = this.#last ?? this.#after;
      if (last !== undefined && compareKeys(key, last) < 0) throw unsorted(key, last);
      if (key === this.#after) continue;
      if (this.#until !== undefined && compareKeys(key, this.#until) > 0) {
        this.#ended = true;
        await this.#iterator.return?.();
        return;
      }
      this.#ready.push(next.value);
      this.#last = key;
      this.#first ??= key;
      this.#count += 1;
      if (this.#count % pageSize === 0) {
        this.#onPage(this, this.#first, key);
        this.#first = undefined;
      }
    }
  }
}

/** A range that is cut off at a key of a listing without order would lose what comes behind it. */
function unsorted(key: string, last: string): IntegrityError {
  return new IntegrityError(
    `The listing is not sorted: ${JSON.stringify(key)} comes after ${JSON.stringify(last)}.`,
    'integrity.unsorted',
  );
}
