import { byteOf, type Section } from './section.ts';

const BACKSLASH = byteOf('\\');

/**
 * `'…'` or `"…"` after its opening quote. A doubled quote ends it and at once begins the next, which the lexer treats
 * as one. Large objects pass through here as hexadecimal literals, so it looks for the quote natively.
 */
export class Quoted implements Section {
  readonly #quote: number;

  constructor(quote: number) {
    this.#quote = quote;
  }

  push(chunk: Buffer, from: number): number | undefined {
    const at = chunk.indexOf(this.#quote, from);
    return at === -1 ? undefined : at + 1;
  }
}

/** `E'…'`, where a backslash takes away the meaning of what follows it. */
export class EscapedQuoted implements Section {
  readonly #quote: number;
  #escaped = false;

  constructor(quote = byteOf("'")) {
    this.#quote = quote;
  }

  push(chunk: Buffer, from: number): number | undefined {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#escaped) this.#escaped = false;
      else if (chunk[at] === BACKSLASH) this.#escaped = true;
      else if (chunk[at] === this.#quote) return at + 1;
    }
    return undefined;
  }
}
