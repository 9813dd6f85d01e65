import { createHash } from 'node:crypto';
import { LcbError } from '@lcb/core';
import { CopyRows } from './copy-rows.ts';

const END = Buffer.from('\\.\n');

/** Reads along while the rows of one COPY stream by, and knows what stands before and after them in a dump. */
export class RowsInspector {
  readonly #hash = createHash('sha256');
  readonly #rows = new CopyRows();
  #bytes = 0;

  /** @param statement `COPY … FROM stdin;` with its line feed. @returns what a dump has before the rows. */
  begin(statement: string): Buffer {
    return this.#take(Buffer.from(statement));
  }

  /** @throws LcbError `database.dumpUnreadable` where the rows end before their end. */
  push(chunk: Buffer): void {
    this.#take(chunk);
    if (this.#rows.push(chunk, 0) === undefined) return;
    throw new LcbError({
      code: 'database.dumpUnreadable',
      message:
        'The server sent a row that reads as the end of all rows. Report this with the version of psql.',
    });
  }

  /** Once all rows passed by. @returns what a dump has after them. */
  end(): Buffer {
    this.#rows.push(END, 0);
    return this.#take(END);
  }

  /** Rows that passed by. */
  get rows(): number {
    return this.#rows.rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** To be asked once, at the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  #take(chunk: Buffer): Buffer {
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    return chunk;
  }
}
