import { LcbError } from '@lcb/core';
import type { Statement } from '../../guard/statement.ts';
import { CopyRows } from '../inspector/copy-rows.ts';
import { type Item, StatementLexer } from './statement-lexer.ts';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** `\.` and its line feed, which end the rows and do not belong to them. */
const END_BYTES = 3;

/** Reads a file item by item, and no further than the item: what is read next may depend on what the last one did. */
export class StatementReader {
  readonly lexer: StatementLexer;
  /** Rows that went by in the last {@link StatementReader.rows}. */
  rowCount = 0;
  readonly #name: string;
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #isFirst = true;

  constructor(source: AsyncIterable<Uint8Array>, name: string, onComment?: (text: string) => void) {
    this.#source = source[Symbol.asyncIterator]();
    this.#name = name;
    this.lexer = new StatementLexer(name, onComment);
  }

  /** @returns undefined at the end of the file. */
  async next(): Promise<Item | undefined> {
    for (;;) {
      const item = this.lexer.takeItem();
      if (item) return item;
      if (this.#at < this.#chunk.length) this.#at = this.lexer.push(this.#chunk, this.#at);
      else if (!(await this.#read())) return undefined;
    }
  }

  /** What stands after the last semicolon. */
  end(): Statement | undefined {
    return this.lexer.end();
  }

  /** The rows after a COPY, without their end. To be read to the end before the next item. */
  async *rows(): AsyncGenerator<Uint8Array> {
    await this.#restOfLine();
    const rows = new CopyRows();
    let held: Uint8Array = Buffer.alloc(0);
    for (;;) {
      if (this.#at >= this.#chunk.length && !(await this.#read())) throw this.#cutOff();
      const [from, before] = [this.#at, rows.rows];
      const end = rows.push(this.#chunk, from);
      this.#at = end ?? this.#chunk.length;
      // A row is a line, and so is their end.
      this.lexer.skipLines(rows.rows - before + (end === undefined ? 0 : 1));
      const found = this.#chunk.subarray(from, this.#at);
      // What is held is far less than what was found: the one is passed on by itself rather than the other copied.
      if (found.length >= END_BYTES && held.length > 0) yield held;
      const known = found.length >= END_BYTES ? found : Buffer.concat([held, found]);
      const cut = Math.max(0, known.length - END_BYTES);
      if (cut > 0) yield known.subarray(0, cut);
      held = known.subarray(cut);
      if (end !== undefined) break;
    }
    this.rowCount = rows.rows;
  }

  /** Gives the source back, also when it was not read to its end. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** psql takes rows from the next line on; that something else stands behind the semicolon is nothing that a dump does. */
  async #restOfLine(): Promise<void> {
    for (;;) {
      if (this.#at >= this.#chunk.length && !(await this.#read())) throw this.#cutOff();
      const byte = this.#chunk[this.#at] ?? 0;
      this.#at += 1;
      if (byte === NEWLINE) break;
      if (byte > 0x20) {
        throw new LcbError({
          code: 'sql.refused',
          message: `${this.#name}, line ${this.lexer.line}: something follows COPY in the same line; the rows begin in the next one. Make the dump anew with pg_dump.`,
        });
      }
    }
    this.lexer.skipLines(1);
  }

  async #read(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return false;
      let chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      if (this.#isFirst && chunk.subarray(0, 3).equals(BYTE_ORDER_MARK)) chunk = chunk.subarray(3);
      if (chunk.length === 0) continue;
      this.#isFirst = false;
      this.#chunk = chunk;
      this.#at = 0;
      return true;
    }
  }

  #cutOff(): LcbError {
    return new LcbError({
      code: 'database.dumpTruncated',
      message: `${this.#name} ends in the middle of a table's rows (line ${this.lexer.line}): the line \\. that ends them is missing. Transfer the file again, in binary mode.`,
    });
  }
}
