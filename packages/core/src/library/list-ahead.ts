import { IntegrityError } from '../errors/errors.ts';
import type { ListOptions } from '../ports/object-store.ts';
import { compareKeys } from './compare-keys.ts';
import { keyAhead } from './key-ahead.ts';
import type { Keyed } from './merge-sorted.ts';

/** A store's own listing, page by page: one request after the other, each of which can only be asked for when the one before is answered. */
export type List<T extends Keyed> = (options: ListOptions) => AsyncIterable<readonly T[]>;

export interface AheadOptions {
  /** Keys that a full page has: after one that has fewer nothing is asked ahead. */
  readonly pageSize: number;
  /** Ranges that are listed at once. */
  readonly ranges: number;
  /** Pages that one range holds until its turn comes. */
  readonly pages: number;
}

/**
 * One sorted listing, of which several ranges are asked for at once. Where the next range begins is guessed from the keys that have come, so no
 * request is made only to find that out; a bad guess makes a range short or long, never wrong, since each ends where the next one
 * begins. Several entries may have one key (its versions): they stay together. Memory: `(ranges + 1) * pages` pages at most.
 *
 * Whoever wants few ({@link ListOptions.atMost}) gets one range, since nothing is to be asked for in vain.
 */
export async function* listAhead<T extends Keyed>(
  list: List<T>,
  options: ListOptions,
  ahead: AheadOptions,
): AsyncGenerator<T> {
  const ranges: Range<T>[] = [];
  const most = options.atMost !== undefined && options.atMost <= ahead.pageSize ? 1 : ahead.ranges;
  const open = (after: string | undefined) => {
    ranges.push(
      new Range(list, { ...options, ...(after === undefined ? {} : { startAfter: after }) }, ahead, onPage),
    );
  };
  /** The range that nobody follows yet gets a successor, as soon as its keys tell where that could begin. */
  function onPage(range: Range<T>, first: string, last: string): void {
    if (range !== ranges.at(-1) || ranges.length >= most) return;
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
  readonly #iterator: AsyncIterator<readonly T[]>;
  readonly #ahead: AheadOptions;
  readonly #onPage: (range: Range<T>, first: string, last: string) => void;
  readonly #ready: (readonly T[])[] = [];
  readonly #after: string | undefined;
  #until: string | undefined;
  #last: string | undefined;
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
      const page = this.#ready.shift();
      // Goes on meanwhile.
      if (!this.#ended) this.#read();
      if (page !== undefined) for (const entry of page) yield entry;
      else if (this.#failure !== undefined) throw this.#failure.error;
      else if (this.#ended) return;
      else await this.#reading;
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
    while (!this.#ended && this.#ready.length < this.#ahead.pages) {
      const next = await this.#iterator.next();
      if (this.#ended) return;
      if (next.done === true) {
        this.#ended = true;
        return;
      }
      const entries = this.#own(next.value);
      if (entries.length > 0) this.#ready.push(entries);
      if (this.#ended) {
        await this.#iterator.return?.();
        return;
      }
      const [first] = next.value;
      if (first !== undefined && this.#last !== undefined && next.value.length >= this.#ahead.pageSize)
        this.#onPage(this, first.key, this.#last);
    }
  }

  /** Those of a page that belong to this range. A page that is out of order counts up to there. */
  #own(page: readonly T[]): readonly T[] {
    const own: T[] = [];
    for (const entry of page) {
      const { key } = entry;
      const last = this.#last ?? this.#after;
      if (last !== undefined && compareKeys(key, last) < 0) {
        this.#failure = { error: unsorted(key, last) };
        this.#ended = true;
        return own;
      }
      if (key === this.#after) continue;
      if (this.#until !== undefined && compareKeys(key, this.#until) > 0) {
        this.#ended = true;
        return own;
      }
      own.push(entry);
      this.#last = key;
    }
    return own;
  }
}

/** A range that is cut off at a key of a listing without order would lose what comes behind it. */
function unsorted(key: string, last: string): IntegrityError {
  return new IntegrityError(
    `The listing is not sorted: ${JSON.stringify(key)} comes after ${JSON.stringify(last)}.`,
    'integrity.unsorted',
  );
}
