import { compareKeys } from './compare-keys.ts';
import type { Keyed } from './merge-sorted.ts';

/** Reads along in a sorted stream while another one is gone through: what has a key, once its turn has come. */
export class SortedCursor<T extends Keyed> {
  readonly #rows: AsyncIterator<T>;
  readonly #onPassed: (row: T) => void;
  #next: IteratorResult<T> | undefined;

  /** @param onPassed told of each row whose key nobody asked for */
  constructor(rows: AsyncIterable<T>, onPassed: (row: T) => void = () => undefined) {
    this.#rows = rows[Symbol.asyncIterator]();
    this.#onPassed = onPassed;
  }

  /** The row of this key, which comes after all keys that were asked for before. */
  async at(key: string): Promise<T | undefined> {
    for (;;) {
      this.#next ??= await this.#rows.next();
      if (this.#next.done) return undefined;
      const row = this.#next.value;
      const order = compareKeys(row.key, key);
      if (order > 0) return undefined;
      this.#next = undefined;
      if (order === 0) return row;
      this.#onPassed(row);
    }
  }

  /** Passes all that is left. */
  async toEnd(): Promise<void> {
    for (;;) {
      this.#next ??= await this.#rows.next();
      if (this.#next.done) return;
      this.#onPassed(this.#next.value);
      this.#next = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#rows.return?.();
  }
}
