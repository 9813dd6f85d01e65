const HEAD = 1024;
const TAIL = 64;

/** Beginning and end of a statement, without literals and comments; of a long one the middle is let go. */
export class StatementText {
  readonly #head = Buffer.alloc(HEAD);
  readonly #tail = Buffer.alloc(TAIL);
  #length = 0;

  append(chunk: Buffer, from: number, to: number): void {
    let start = from;
    if (this.#length === 0) {
      while (start < to && isSpace(chunk[start])) start += 1;
    }
    if (start >= to) return;
    this.#length += chunk.copy(this.#head, this.#length, start, Math.min(to, start + HEAD - this.#length));
    const added = Math.min(TAIL, to - start);
    this.#tail.copyWithin(0, added);
    chunk.copy(this.#tail, TAIL - added, to - added, to);
  }

  isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Of what is kept of the beginning. */
  length(): number {
    return this.#length;
  }

  /** Cheap: most statements of a dump are of no interest. */
  startsWith(word: Buffer): boolean {
    return this.#length >= word.length && this.#head.compare(word, 0, word.length, 0, word.length) === 0;
  }

  /** The first bytes, beginning with something else than white space. */
  head(): string {
    return this.#head.toString('utf8', 0, this.#length);
  }

  /** The last bytes. */
  tail(): string {
    return this.#tail.toString('latin1', Math.max(0, TAIL - this.#length));
  }

  clear(): void {
    this.#length = 0;
  }
}

/** Space, and tab to carriage return. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
