import { LcbError } from '@lcb/core';

/** How `mysqldump` and `mariadb-dump` begin and end a file, unless told to leave out comments. */
const BEGUN = /^-- (?:MySQL|MariaDB) dump /m;
const DATABASE = /^-- Host: .*?\s+Database: (.+?)\r?$/m;
/** With nothing behind it: where another dump begins there, that one has to be complete, too. */
const COMPLETED = /^-- Dump completed(?: on [^\r\n]*)?\s*(?![\s\S])/m;
const HEADER_BYTES = 2048;
const TRAILER_BYTES = 256;

/** What the comments at both ends of a dump say. They decide nothing that would be safe only if they were true. */
export class DumpFrame {
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** Which database the file is of; known once the first statement can be read. */
  get database(): string | undefined {
    return DATABASE.exec(this.#head.toString('utf8'))?.[1];
  }

  /**
   * Passes the file through, its beginning in one piece.
   *
   * @throws LcbError `database.dumpTruncated`
   */
  async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let isHeadComplete = false;
    for await (const chunk of source) {
      this.#tail = Buffer.concat([this.#tail, chunk.subarray(-TRAILER_BYTES)]).subarray(-TRAILER_BYTES);
      if (isHeadComplete) {
        yield chunk;
        continue;
      }
      this.#head = Buffer.concat([this.#head, chunk]);
      if (this.#head.length < HEADER_BYTES) continue;
      isHeadComplete = true;
      yield this.#takeHead();
    }
    if (!isHeadComplete) yield this.#takeHead();
    if (!BEGUN.test(this.#head.toString('utf8')) || COMPLETED.test(this.#tail.toString('latin1'))) return;
    throw new LcbError({
      code: 'database.dumpTruncated',
      message: `${this.#name} does not end as mysqldump ends a dump, so it is not complete. Transfer the file again, or make it anew; nothing may be added behind its last line.`,
    });
  }

  #takeHead(): Buffer {
    const whole = this.#head;
    this.#head = Buffer.from(whole.subarray(0, HEADER_BYTES));
    return whole;
  }
}
