import { StatementText } from '../../sql/statement-text.ts';
import * as bytes from './byte-kinds.ts';
import { BlockComment, RestOfLine } from './comments.ts';
import { CopyRows } from './copy-rows.ts';
import { DollarQuoted } from './dollar-quoted.ts';
import { EscapedQuoted, Quoted } from './quoted.ts';
import type { Section } from './section.ts';

/** What the lexer tells of a dump. */
export interface DumpListener {
  /** A statement ended. True if rows for it follow, as after `COPY … FROM stdin`. */
  statement(text: StatementText): boolean;
  /** The rows of the last statement ended. */
  rows(count: number): void;
  /** A `--` comment outside of everything else, without the dashes; of a long one the beginning. */
  comment(text: string): void;
}

/** A stretch that is being passed over, and what to do at its end. */
interface OpenSection {
  readonly section: Section;
  readonly isName?: boolean;
  readonly atEnd?: () => void;
  /** A dump may end in it: the last line need not have a line feed. */
  readonly mayEnd?: boolean;
}

/**
 * Walks through what `pg_dump` writes and psql will read, by psql's own rules (`psqlscan.l`), so that text which only
 * looks like a statement (in a function's body, a comment, a view, a row) is never taken for one. Chunks may be cut
 * anywhere.
 */
export class SqlLexer {
  /** As the dump sets it; off gives the backslash a meaning in every literal. */
  standardConformingStrings = true;
  readonly #listener: DumpListener;
  readonly #text = new StatementText();
  #open: OpenSection | undefined;
  /** Parentheses: a semicolon inside them (in a rule) does not end the statement. */
  #depth = 0;
  /** The byte before, where it is special: `-` and `/` begin a comment with what follows. */
  #previous = 0;
  #word: 'none' | 'e' | 'other' = 'none';
  /** After `E'…'`: a quote that follows, at once or after white space, goes on with it. */
  #escapesGoOn = false;

  constructor(listener: DumpListener) {
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const open = this.#open;
      if (!open) {
        at = this.#plain(chunk, at);
        continue;
      }
      const end = open.section.push(chunk, at);
      if (open.isName) this.#text.append(chunk, at, end ?? chunk.length);
      if (end === undefined) return;
      at = end;
      this.#open = undefined;
      open.atEnd?.();
    }
  }

  /** True between two statements: where a dump may end. */
  isAtRest(): boolean {
    return this.#text.isEmpty() && (this.#open === undefined || this.#open.mayEnd === true);
  }

  /** Reads plain SQL until a section begins; returns where it stopped. */
  #plain(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const runFrom = at;
      while (at < chunk.length && bytes.KINDS[chunk[at] ?? 0] !== bytes.SPECIAL) at += 1;
      this.#ordinary(chunk, runFrom, at);
      const byte = chunk[at];
      // The text is needed to recognise statements by it; the marks of comments and literals would be in the way.
      const isText = byte === bytes.OPEN || byte === bytes.CLOSE || byte === bytes.DOUBLE_QUOTE;
      this.#text.append(chunk, runFrom, isText ? at + 1 : at);
      if (byte === undefined) return at;
      at += 1;
      this.#special(byte);
      if (this.#open) return at;
    }
    return at;
  }

  /** A run of bytes without meaning of their own. What matters later is only how it ends. */
  #ordinary(chunk: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#previous = 0;
    if (this.#escapesGoOn) this.#escapesGoOn = isSpace(chunk, from, to);
    let at = from;
    if (to - from > 2) {
      at = to - 2;
      this.#word = isWord(chunk[at - 1]) ? 'other' : 'none';
    }
    for (; at < to; at += 1) {
      const byte = chunk[at];
      const isE = byte === 0x45 || byte === 0x65;
      if (isWord(byte)) this.#word = isE && this.#word === 'none' ? 'e' : 'other';
      else this.#word = 'none';
    }
  }

  #special(byte: number): void {
    const [previous, word, escapesGoOn] = [this.#previous, this.#word, this.#escapesGoOn];
    this.#previous = byte;
    this.#word = 'none';
    this.#escapesGoOn = false;
    if (byte === bytes.QUOTE) this.#literal(escapesGoOn || word === 'e' || !this.standardConformingStrings);
    else if (byte === bytes.DOUBLE_QUOTE) this.#enter({ section: new Quoted(byte), isName: true });
    else if (byte === bytes.DOLLAR && word === 'none') this.#enter({ section: new DollarQuoted() });
    // In a word a dollar sign is a letter like others.
    else if (byte === bytes.DOLLAR) this.#word = 'other';
    else if (byte === bytes.DASH && previous === byte) this.#lineComment();
    else if (byte === bytes.STAR && previous === bytes.SLASH) this.#enter({ section: new BlockComment() });
    // A command of psql, such as `\restrict`.
    else if (byte === bytes.BACKSLASH) this.#enter({ section: new RestOfLine(), mayEnd: true });
    else if (byte === bytes.OPEN) this.#depth += 1;
    else if (byte === bytes.CLOSE) this.#depth = Math.max(0, this.#depth - 1);
    else if (byte === bytes.SEMICOLON && this.#depth === 0) this.#endStatement();
  }

  #enter(open: OpenSection): void {
    this.#open = open;
    this.#previous = 0;
  }

  #literal(escapes: boolean): void {
    if (!escapes) this.#enter({ section: new Quoted(bytes.QUOTE) });
    else this.#enter({ section: new EscapedQuoted(), atEnd: () => (this.#escapesGoOn = true) });
  }

  #lineComment(): void {
    const section = new RestOfLine();
    this.#enter({ section, mayEnd: true, atEnd: () => this.#listener.comment(section.text) });
  }

  #endStatement(): void {
    const rowsFollow = this.#listener.statement(this.#text);
    this.#text.clear();
    if (!rowsFollow) return;
    const rows = new CopyRows();
    const enterRows = () => this.#enter({ section: rows, atEnd: () => this.#listener.rows(rows.rows) });
    // psql sends the statement at the semicolon, and takes the rows from the next line on.
    this.#enter({ section: new RestOfLine(), atEnd: enterRows });
  }
}

function isWord(byte: number | undefined): boolean {
  return bytes.KINDS[byte ?? 0] === bytes.WORD;
}

function isSpace(chunk: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes.KINDS[chunk[at] ?? 0] !== bytes.SPACE) return false;
  return true;
}
