import { BACKSLASH, CLOSE, DOUBLE_QUOTE, OPEN, QUOTE, SEMICOLON, tableOf } from './bytes.ts';

const SPECIAL = tableOf(QUOTE, DOUBLE_QUOTE, OPEN, CLOSE, SEMICOLON);

/**
 * Counts the rows of `INSERT … VALUES (…),(…);` after the word VALUES, wherever the chunks are cut. Nearly all of a dump
 * passes through here: it looks at each byte once and builds nothing.
 */
export class RowValues {
  rows = 0;
  #depth = 0;
  /** The quote of the literal that is open, or 0. */
  #quote = 0;
  /** The last chunk ended with a backslash in a literal. */
  #escaped = false;

  /** @returns the first byte after the statement's semicolon, or undefined if the whole chunk was rows. */
  push(chunk: Uint8Array, from: number): number | undefined {
    const end = chunk.length;
    let at = from;
    if (this.#escaped && at < end) {
      this.#escaped = false;
      at += 1;
    }
    while (at < end) {
      if (this.#quote !== 0) {
        at = this.#literal(chunk, at);
        continue;
      }
      while (at < end && SPECIAL[chunk[at] ?? 0] === 0) at += 1;
      if (at === end) return undefined;
      const byte = chunk[at];
      at += 1;
      if (byte === QUOTE || byte === DOUBLE_QUOTE) {
        this.#quote = byte;
      } else if (byte === OPEN) {
        if (this.#depth === 0) this.rows += 1;
        this.#depth += 1;
      } else if (byte === CLOSE) {
        this.#depth -= 1;
      } else if (this.#depth <= 0) {
        return at;
      }
    }
    return undefined;
  }

  /** Goes on in a literal; a doubled quote ends it and at once begins the next. */
  #literal(chunk: Uint8Array, from: number): number {
    const [end, quote] = [chunk.length, this.#quote];
    let at = from;
    for (;;) {
      while (at < end && chunk[at] !== quote && chunk[at] !== BACKSLASH) at += 1;
      if (at === end) return at;
      if (chunk[at] === quote) break;
      at += 2;
      if (at > end) {
        this.#escaped = true;
        return end;
      }
    }
    this.#quote = 0;
    return at + 1;
  }
}
