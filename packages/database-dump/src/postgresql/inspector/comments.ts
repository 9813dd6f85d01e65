import { byteOf, type Section } from './section.ts';

const NEWLINE = byteOf('\n');
const SLASH = byteOf('/');
const STAR = byteOf('*');
/** Bytes kept of a line: enough to know the one that matters. */
const KEPT = 64;

/** Up to the end of the line: a `--` comment, a command of psql, or what follows `COPY … FROM stdin;`. */
export class RestOfLine implements Section {
  /** The line's beginning, without its line feed. */
  text = '';

  push(chunk: Buffer, from: number): number | undefined {
    const newline = chunk.indexOf(NEWLINE, from);
    const end = newline === -1 ? chunk.length : newline;
    const room = KEPT - this.text.length;
    if (room > 0) this.text += chunk.toString('latin1', from, Math.min(end, from + room));
    return newline === -1 ? undefined : newline + 1;
  }
}

/** A C comment after its opening; in PostgreSQL they nest. */
export class BlockComment implements Section {
  #depth = 1;
  #previous = 0;

  push(chunk: Buffer, from: number): number | undefined {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      const opens = this.#previous === SLASH && byte === STAR;
      const closes = this.#previous === STAR && byte === SLASH;
      if (opens) this.#depth += 1;
      if (closes) this.#depth -= 1;
      if (this.#depth === 0) return at + 1;
      // A byte belongs to one mark only: `/*/` does not open and close.
      this.#previous = opens || closes ? 0 : byte;
    }
    return undefined;
  }
}
