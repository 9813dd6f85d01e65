import { LcbError } from '@lcb/core';
import { StatementText } from '../../sql/statement-text.ts';
import * as bytes from './bytes.ts';
import { RowValues } from './row-values.ts';

/** A statement of a dump that is no INSERT, whole. */
export interface Statement {
  /** As it stands: with the white space and comments before it and the delimiter at its end. */
  readonly bytes: Buffer;
  /** Its beginning without comments, literals and the marks of `/*!50003 … *` + `/` comments, which the server reads. */
  readonly head: string;
}

/** What the scanner asks about a dump that passes by. */
export interface ScanListener<Marker = never> {
  /** A statement ended. @returns what is passed on in its place. */
  statement(statement: Statement): Buffer | Marker;
  /** An INSERT begins; `head` is what stands before VALUES. @returns whether it is passed on. */
  insert(head: string): boolean;
  /** Its rows ended. */
  rows(count: number): void;
  /** A `--` comment outside of everything else, without the dashes; of a long one the beginning. */
  comment?(text: string): void;
}

type Mode = 'text' | 'literal' | 'name' | 'line' | 'comment' | 'rows';

/** A definition larger than this is none; only INSERTs grow with the data. */
const LARGEST_STATEMENT = 64 * 1024 * 1024;
const COMMENT_KEPT = 64;
/** `/*M!999999\- enable the sandbox mode *` + `/`: a version that no server has makes a comment of it. */
const NEVER = 900_000;
const INSERT = /^(?:INSERT|REPLACE)\b/i;
const VALUES = /\bVALUES?\s*$/i;
const DELIMITER = /^DELIMITER\s/i;

/**
 * Walks through what `mysqldump` and `mariadb-dump` write, by the rules of the client that will read it, so that text which
 * only looks like a statement (in a trigger's body, a comment, a row) is never taken for one. INSERTs pass through as they
 * come and their rows are counted; every other statement is kept until it is whole, and may be replaced. Chunks may be cut
 * anywhere.
 */
export class StatementScanner<Marker = never> {
  readonly #listener: ScanListener<Marker>;
  readonly #text = new StatementText();
  #mode: Mode = 'text';
  /** Of the literal that is open. */
  #quote = 0;
  #escaped = false;
  #depth = 0;
  /** In `/*! … *` + `/`, whose content is SQL. */
  #executable = false;
  /** What follows `/*`, until it is known which kind of comment begins. */
  #opening: string | undefined;
  /** The byte before, where it may begin a mark. */
  #previous = 0;
  /** `--` was seen; a comment it is only before white space. */
  #dashes = false;
  #line = '';
  #delimiter = Buffer.from(';');
  #matched = 0;
  #special = specialBytes(this.#delimiter);
  #rows = new RowValues();
  #passesOn = true;
  /** The statement so far, unless its bytes are passed on already. */
  #kept: Buffer[] = [];
  #keptBytes = 0;

  constructor(listener: ScanListener<Marker>) {
    this.#listener = listener;
  }

  /** @returns what is passed on of all that was pushed until now. */
  push(chunk: Buffer): (Buffer | Marker)[] {
    const out: (Buffer | Marker)[] = [];
    let at = 0;
    /** Where the bytes of the chunk begin that are neither kept nor passed on. */
    let from = 0;
    while (at < chunk.length) {
      if (this.#mode === 'rows') {
        const end = this.#rows.push(chunk, at);
        if (this.#passesOn) out.push(chunk.subarray(from, end ?? chunk.length));
        if (end === undefined) return out;
        this.#endRows();
        at = end;
        from = end;
        continue;
      }
      const step = this.#step(chunk, at);
      at = step.at;
      if (step.event === 'statement') {
        this.#keep(chunk.subarray(from, at));
        from = at;
        out.push(this.#endStatement());
      } else if (step.event === 'rows') {
        this.#passesOn = this.#listener.insert(this.#text.head());
        if (this.#passesOn) out.push(...this.#kept);
        this.#dropKept();
      }
    }
    this.#keep(chunk.subarray(from));
    return out;
  }

  /** What is left after the last statement: comments and white space. */
  finish(): Buffer[] {
    if (this.#mode === 'line') this.#endLine();
    const rest = this.#kept;
    this.#dropKept();
    return rest;
  }

  /** True between two statements: where a dump may end. */
  isAtRest(): boolean {
    return this.#text.isEmpty() && (this.#mode === 'text' || this.#mode === 'line') && !this.#executable;
  }

  #step(chunk: Buffer, at: number): { readonly at: number; readonly event?: 'statement' | 'rows' } {
    switch (this.#mode) {
      case 'literal':
        return { at: this.#literal(chunk, at) };
      case 'name':
        return { at: this.#name(chunk, at) };
      case 'line':
        return { at: this.#lineComment(chunk, at) };
      case 'comment':
        return { at: this.#blockComment(chunk, at) };
      default:
        return this.#plain(chunk, at);
    }
  }

  #plain(chunk: Buffer, from: number): { readonly at: number; readonly event?: 'statement' | 'rows' } {
    let at = from;
    if (this.#opening !== undefined) return { at: this.#openComment(chunk, at) };
    if (this.#dashes) {
      this.#dashes = false;
      if (bytes.isSpace(chunk[at] ?? 0)) {
        this.#mode = 'line';
        return { at };
      }
    }
    while (at < chunk.length && this.#special[chunk[at] ?? 0] === 0) at += 1;
    if (at > from) {
      this.#text.append(chunk, from, at);
      this.#previous = 0;
      this.#matched = 0;
      return { at };
    }
    const byte = chunk[at] ?? 0;
    at += 1;
    const previous = this.#previous;
    this.#previous = byte;
    if (this.#isDelimiter(byte)) return { at, event: 'statement' };
    switch (byte) {
      case bytes.NEWLINE:
        this.#text.append(chunk, at - 1, at);
        return this.#isCommand() ? { at, event: 'statement' } : { at };
      case bytes.QUOTE:
      case bytes.DOUBLE_QUOTE:
        this.#mode = 'literal';
        this.#quote = byte;
        return { at };
      case bytes.BACKTICK:
        this.#text.append(chunk, at - 1, at);
        this.#mode = 'name';
        return { at };
      case bytes.HASH:
        this.#mode = 'line';
        return { at };
      case bytes.DASH:
        this.#dashes = previous === bytes.DASH;
        return { at };
      case bytes.STAR:
        if (previous === bytes.SLASH) this.#opening = '';
        return { at };
      case bytes.SLASH:
        if (previous === bytes.STAR && this.#executable) this.#executable = false;
        return { at };
      case bytes.OPEN:
        return this.#open(chunk, at);
      case bytes.CLOSE:
        this.#depth -= 1;
        this.#text.append(chunk, at - 1, at);
        return { at };
      default:
        this.#text.append(chunk, at - 1, at);
        return { at };
    }
  }

  #open(chunk: Buffer, at: number): { readonly at: number; readonly event?: 'rows' } {
    if (this.#depth === 0 && VALUES.test(this.#text.tail()) && INSERT.test(this.#text.head())) {
      this.#mode = 'rows';
      this.#rows = new RowValues();
      // The parenthesis is the first row's.
      return { at: at - 1, event: 'rows' };
    }
    this.#depth += 1;
    this.#text.append(chunk, at - 1, at);
    return { at };
  }

  /** A byte of the delimiter; true for its last. In a line that names a new one it means nothing. */
  #isDelimiter(byte: number): boolean {
    if (byte !== this.#delimiter[this.#matched]) {
      this.#matched = byte === this.#delimiter[0] ? 1 : 0;
    } else {
      this.#matched += 1;
    }
    if (this.#matched < this.#delimiter.length) return false;
    this.#matched = 0;
    return !this.#isCommand();
  }

  #isCommand(): boolean {
    return this.#text.length() < 64 && DELIMITER.test(this.#text.head());
  }

  #literal(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      return at + 1;
    }
    while (at < chunk.length && chunk[at] !== this.#quote && chunk[at] !== bytes.BACKSLASH) at += 1;
    if (at === chunk.length) return at;
    if (chunk[at] === bytes.BACKSLASH) this.#escaped = true;
    else this.#mode = 'text';
    return at + 1;
  }

  /** Without escapes; a doubled backtick ends it and at once begins the next. */
  #name(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(bytes.BACKTICK, from);
    const to = end === -1 ? chunk.length : end + 1;
    this.#text.append(chunk, from, to);
    if (end !== -1) this.#mode = 'text';
    return to;
  }

  #lineComment(chunk: Buffer, from: number): number {
    const newline = chunk.indexOf(bytes.NEWLINE, from);
    const end = newline === -1 ? chunk.length : newline;
    const room = COMMENT_KEPT - this.#line.length;
    if (room > 0) this.#line += chunk.toString('latin1', from, Math.min(end, from + room));
    if (newline === -1) return end;
    this.#endLine();
    return newline + 1;
  }

  #endLine(): void {
    this.#listener.comment?.(this.#line);
    this.#line = '';
    this.#mode = 'text';
  }

  #blockComment(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const ends = this.#previous === bytes.STAR && chunk[at] === bytes.SLASH;
      this.#previous = chunk[at] ?? 0;
      if (!ends) continue;
      this.#previous = 0;
      this.#mode = 'text';
      return at + 1;
    }
    return chunk.length;
  }

  /** After `/*`: `!` or `M!`, and a version, make it one that the server reads. */
  #openComment(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    const opening = this.#opening ?? '';
    const isMark =
      (byte === bytes.BANG && (opening === '' || opening === 'M')) ||
      (byte === bytes.CAPITAL_M && opening === '') ||
      (bytes.isDigit(byte) && opening.endsWith('!')) ||
      (bytes.isDigit(byte) && /!\d+$/.test(opening) && opening.length < 10);
    if (isMark) {
      this.#opening = opening + String.fromCharCode(byte);
      return at + 1;
    }
    this.#opening = undefined;
    this.#previous = 0;
    const isRead = opening.includes('!') && Number(/\d*$/.exec(opening)?.[0]) < NEVER;
    if (isRead) this.#executable = true;
    else this.#mode = 'comment';
    return at;
  }

  #endStatement(): Buffer | Marker {
    const head = this.#text.head();
    const whole = Buffer.concat(this.#kept);
    if (this.#isCommand()) this.#setDelimiter(head);
    this.#reset();
    return DELIMITER.test(head) ? whole : this.#listener.statement({ bytes: whole, head });
  }

  #endRows(): void {
    this.#listener.rows(this.#rows.rows);
    this.#mode = 'text';
    this.#reset();
  }

  #setDelimiter(command: string): void {
    const [, word] = /^\S+\s+(\S+)/.exec(command) ?? [];
    if (word === undefined) return;
    this.#delimiter = Buffer.from(word);
    this.#special = specialBytes(this.#delimiter);
  }

  #reset(): void {
    this.#text.clear();
    this.#dropKept();
    this.#depth = 0;
    this.#executable = false;
    this.#previous = 0;
    this.#matched = 0;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#kept.push(part);
    this.#keptBytes += part.length;
    if (this.#keptBytes <= LARGEST_STATEMENT) return;
    throw new LcbError({
      code: 'database.dumpUnreadable',
      message: `The dump has a statement of more than ${LARGEST_STATEMENT} bytes that is no INSERT: ${JSON.stringify(this.#text.head().slice(0, 200))}. Report this with the version of the dump program.`,
    });
  }

  #dropKept(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }
}

function specialBytes(delimiter: Buffer): Uint8Array {
  const { QUOTE, DOUBLE_QUOTE, BACKTICK, DASH, HASH, SLASH, STAR, OPEN, CLOSE, NEWLINE } = bytes;
  return bytes.tableOf(
    QUOTE,
    DOUBLE_QUOTE,
    BACKTICK,
    DASH,
    HASH,
    SLASH,
    STAR,
    OPEN,
    CLOSE,
    NEWLINE,
    ...delimiter,
  );
}
