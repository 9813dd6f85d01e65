const QUOTE = 0x27;
const BACKSLASH = 0x5c;

/**
 * What stands behind a backslash in place of a byte. Fewer than `mysqldump` has: a double quote and a line feed stand for themselves
 * within single quotes. The client stumbles over a zero, and takes away a carriage return, unless it is told not to.
 */
const ESCAPES = new Uint8Array(256);
ESCAPES[0x00] = 0x30;
ESCAPES[0x0d] = 0x72;
ESCAPES[0x1a] = 0x5a;
ESCAPES[QUOTE] = QUOTE;
ESCAPES[BACKSLASH] = BACKSLASH;
const ESCAPED = [QUOTE, BACKSLASH, 0x0d, 0x00, 0x1a];

/** Shorter runs are copied byte by byte: a call costs more. */
const SHORT = 48;
/** So much is looked at byte by byte where bytes that are escaped follow each other closely. */
const DENSE = 512;
const NOWHERE = Number.MAX_SAFE_INTEGER;

/**
 * Writes text between single quotes. Most of it needs no escape: where the next one is, is searched for in all of a buffer and
 * remembered from value to value, so that every buffer is searched once.
 */
export class TextEscaper {
  #bytes: Buffer | undefined;
  /** Where each of the bytes is found next, not before what was written last. */
  readonly #next = ESCAPED.map(() => -1);

  /**
   * Values of a buffer are to be written in their order.
   *
   * @param target with room for two bytes for each of the text, and two.
   * @returns where what was written ends.
   */
  write(target: Uint8Array, start: number, bytes: Buffer, from: number, to: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#next.fill(-1);
    }
    let out = start;
    target[out++] = QUOTE;
    let at = from;
    while (at < to) {
      const until = Math.min(this.#escapeBehind(bytes, at), to);
      const isShort = until - at < SHORT;
      if (isShort) {
        for (let index = at; index < until; index++) target[out++] = bytes[index] ?? 0;
      } else {
        bytes.copy(target, out, at, until);
        out += until - at;
      }
      at = until;
      if (at === to) break;
      const dense = isShort ? Math.min(at + DENSE, to) : at + 1;
      for (; at < dense; at++) {
        const byte = bytes[at] ?? 0;
        const letter = ESCAPES[byte] ?? 0;
        if (letter === 0) target[out++] = byte;
        else {
          target[out++] = BACKSLASH;
          target[out++] = letter;
        }
      }
    }
    target[out++] = QUOTE;
    return out;
  }

  #escapeBehind(bytes: Buffer, at: number): number {
    let nearest = NOWHERE;
    for (let index = 0; index < ESCAPED.length; index++) {
      let next = this.#next[index] ?? -1;
      if (next < at) {
        next = bytes.indexOf(ESCAPED[index] ?? 0, at);
        if (next === -1) next = NOWHERE;
        this.#next[index] = next;
      }
      if (next < nearest) nearest = next;
    }
    return nearest;
  }
}
