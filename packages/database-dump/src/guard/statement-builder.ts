import { LcbError } from '@lcb/core';
import { Statement, type Token, type TokenKind } from './statement.ts';

const SPACE = 0x20;
/** A row of a dump can be as large as the server takes; what is larger is no statement. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_TOKENS = 8_000_000;

/** Collects the bytes and tokens of one statement. */
export class StatementBuilder {
  #bytes = Buffer.alloc(4096);
  #length = 0;
  #tokens: Token[] = [];
  #line = 0;

  get length(): number {
    return this.#length;
  }

  isEmpty(): boolean {
    return this.#tokens.length === 0;
  }

  /** Line of the first token. */
  get line(): number {
    return this.#line;
  }

  append(chunk: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#bytes.set(chunk.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** For a comment: it separates what stands around it. */
  space(): void {
    if (this.#length === 0) return;
    this.#reserve(1);
    this.#bytes[this.#length] = SPACE;
    this.#length += 1;
  }

  token(kind: TokenKind, from: number, depth: number, line: number): void {
    if (this.#tokens.length === 0) this.#line = line;
    if (this.#tokens.length >= MAX_TOKENS) throw tooLarge(this.#line);
    const isShort = kind === 'word' || kind === 'symbol' || kind === 'number';
    const text = isShort ? this.#bytes.toString('utf8', from, this.#length).toUpperCase() : '';
    this.#tokens.push({ kind, text, from, to: this.#length, depth });
  }

  get lastByte(): number | undefined {
    return this.#length === 0 ? undefined : this.#bytes[this.#length - 1];
  }

  /** The last token, and whether nothing stands between it and what comes next. */
  last(back = 1): { readonly token: Token; readonly isAdjacent: boolean } | undefined {
    const token = this.#tokens.at(-back);
    const next = back === 1 ? this.#length : this.#tokens.at(1 - back)?.from;
    return token && { token, isAdjacent: token.to === next };
  }

  /** Takes the last token away, but not its bytes: it turned out to be the beginning of another. */
  reopen(): number {
    return this.#tokens.pop()?.from ?? this.#length;
  }

  /** Takes the last token and its bytes away: it turned out to be the mark of a comment. */
  remove(): void {
    const token = this.#tokens.pop();
    if (token) this.#length = token.from;
  }

  /** Takes bytes away that are no token's. */
  cut(to: number): void {
    this.#length = Math.min(this.#length, to);
  }

  textFrom(from: number): string {
    return this.#bytes.toString('latin1', from, this.#length);
  }

  take(): Statement {
    const statement = new Statement(
      Buffer.from(this.#bytes.subarray(0, this.#length)),
      this.#tokens,
      this.#line,
    );
    this.clear();
    return statement;
  }

  clear(): void {
    this.#length = 0;
    this.#tokens = [];
    // What one huge row needed is not kept for the others.
    if (this.#bytes.length > 1024 * 1024) this.#bytes = Buffer.alloc(4096);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    if (needed > MAX_BYTES) throw tooLarge(this.#line);
    const larger = Buffer.alloc(Math.min(MAX_BYTES, Math.max(needed, 2 * this.#bytes.length)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function tooLarge(line: number): LcbError {
  return new LcbError({
    code: 'sql.tooLarge',
    message: `The statement that begins in line ${line} is larger than ${MAX_BYTES / 1024 / 1024} MiB, or has more than ${MAX_TOKENS} parts. Make the dump with smaller statements.`,
  });
}
