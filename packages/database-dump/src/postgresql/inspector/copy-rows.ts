import { countNewlines } from './newlines.ts';

/** What ends the rows of a COPY: a line of its own. In a row a backslash is always doubled or escapes something. */
const END = Buffer.from('\n\\.\n');

/** Counts the rows between `COPY … FROM stdin;` and `\.`, wherever the chunks are cut. A row is a line. */
export class CopyRows {
  rows = 0;
  /** How many bytes of END were seen last. At the beginning the line feed after the statement stands for the first. */
  #matched = 1;

  /** @returns where the SQL goes on in the chunk, or undefined if the whole chunk was rows. */
  push(chunk: Buffer, from: number): number | undefined {
    let at = from;
    // First what began in the chunk before.
    for (; this.#matched > 0 && at < chunk.length; at += 1) {
      if (this.#step(chunk[at])) return at + 1;
    }
    if (this.#matched > 0) return undefined;

    const end = chunk.indexOf(END, at);
    if (end !== -1) {
      // The first line feed of the end ends the last row.
      this.rows += countNewlines(chunk, at, end + 1);
      return end + END.length;
    }
    this.rows += countNewlines(chunk, at, chunk.length);
    this.#matched = suffixMatching(chunk, at);
    return undefined;
  }

  /** One byte while a match is open; true if it completed the match. */
  #step(byte: number | undefined): boolean {
    if (byte === END[this.#matched]) {
      this.#matched += 1;
      return this.#matched === END.length;
    }
    // END has a line feed at its ends only, so a failed match can go on with that or with nothing.
    const isNewline = byte === END[0];
    if (isNewline) this.rows += 1;
    this.#matched = isNewline ? 1 : 0;
    return false;
  }
}

/** How many bytes at the chunk's end are the beginning of END. */
function suffixMatching(chunk: Buffer, from: number): number {
  for (let length = Math.min(END.length - 1, chunk.length - from); length > 0; length -= 1) {
    if (chunk.subarray(chunk.length - length).equals(END.subarray(0, length))) return length;
  }
  return 0;
}
