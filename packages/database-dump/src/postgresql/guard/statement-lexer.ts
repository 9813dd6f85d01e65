import { LcbError } from '@lcb/core';
import type { Statement } from '../../guard/statement.ts';
import { StatementBuilder } from '../../guard/statement-builder.ts';
import * as bytes from '../inspector/byte-kinds.ts';
import { BlockComment, RestOfLine } from '../inspector/comments.ts';
import { DollarQuoted } from '../inspector/dollar-quoted.ts';
import { countNewlines } from '../inspector/newlines.ts';
import { EscapedQuoted, Quoted } from '../inspector/quoted.ts';
import type { Section } from '../inspector/section.ts';
import { RoutineBody } from './routine-body.ts';

/** What stands in a file between rows. */
export type Item =
  | { readonly kind: 'statement'; readonly statement: Statement }
  /** A command of psql: a backslash and the beginning of what follows in its line. */
  | {
      readonly kind: 'meta';
      readonly text: string;
      readonly line: number;
      readonly isInStatement: boolean;
    };

type SectionKind = 'plain' | 'escaped' | 'dollar' | 'name' | 'block' | 'line' | 'meta';

interface OpenSection {
  readonly section: Section;
  readonly kind: SectionKind;
}

/**
 * Takes a file apart into statements and their tokens, by the server's own rules (`scan.l`), and refuses what the server's
 * majors read differently. It is built from the same sections as the inspector's lexer; what it adds are tokens, since here
 * a statement is judged by all of its parts. What it takes for a comment is not passed on, so a server that saw no comment
 * there would see nothing.
 */
export class StatementLexer {
  /** As the session has it; off gives the backslash a meaning in every literal. */
  standardConformingStrings = true;
  readonly #name: string;
  readonly #onComment: (text: string) => void;
  readonly #builder = new StatementBuilder();
  readonly #body = new RoutineBody();
  #items: Item[] = [];
  #line = 1;
  #depth = 0;
  #run: 'word' | 'number' | undefined;
  #from = 0;
  #fromLine = 1;
  #open: OpenSection | undefined;
  /** How the last literal was written, while nothing but white space and comments followed it. */
  #lastLiteral: SectionKind | undefined;
  /** What that was before the last token, which may turn out to be the mark of a comment. */
  #literalBefore: SectionKind | undefined;

  constructor(name: string, onComment: (text: string) => void = () => {}) {
    this.#name = name;
    this.#onComment = onComment;
  }

  get line(): number {
    return this.#line;
  }

  /** Lines that went by without the lexer. */
  skipLines(lines: number): void {
    this.#line += lines;
  }

  /** Reads until an item is complete. @returns where to go on in the chunk. */
  push(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#items.length === 0) {
      at = this.#open ? this.#section(chunk, at, this.#open) : this.#byte(chunk, at);
    }
    return at;
  }

  takeItem(): Item | undefined {
    return this.#items.shift();
  }

  /** After the last byte: a statement without its semicolon, if there is one. @throws LcbError `sql.unterminated` */
  end(): Statement | undefined {
    this.#endRun();
    const open = this.#open;
    if (open?.kind === 'line' || open?.kind === 'meta') this.#close(open);
    else if (open) {
      throw new LcbError({
        code: 'sql.unterminated',
        message: `${this.#name} ends inside of what begins in line ${this.#fromLine}: a quote or a comment is not closed. The file may have been cut off; transfer it again.`,
      });
    }
    return this.#builder.isEmpty() ? undefined : this.#takeStatement();
  }

  #section(chunk: Buffer, from: number, open: OpenSection): number {
    const end = open.section.push(chunk, from);
    const to = end ?? chunk.length;
    this.#line += countNewlines(chunk, from, to);
    const isText = open.kind !== 'block' && open.kind !== 'line' && open.kind !== 'meta';
    if (isText) this.#builder.append(chunk, from, to);
    if (end !== undefined) this.#close(open);
    return to;
  }

  #close({ section, kind }: OpenSection): void {
    this.#open = undefined;
    switch (kind) {
      case 'plain':
      case 'escaped':
        this.#token('literal');
        this.#lastLiteral = kind;
        return;
      case 'dollar':
        // A lone dollar sign begins a parameter ($1).
        if (this.#builder.length === this.#from + 1) this.#token('symbol');
        else if (this.#builder.lastByte === bytes.DOLLAR) this.#token('literal');
        else throw this.#refused('a dollar sign before a name');
        return;
      case 'name':
        this.#token('name');
        return;
      case 'block':
        this.#builder.space();
        return;
      case 'line':
        this.#builder.space();
        if (section instanceof RestOfLine) this.#onComment(section.text);
        return;
      case 'meta': {
        const text = section instanceof RestOfLine ? section.text.trimEnd() : '';
        const isInStatement = !this.#builder.isEmpty();
        this.#items.push({ kind: 'meta', text, line: this.#fromLine, isInStatement });
      }
    }
  }

  #byte(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    const isWord = bytes.KINDS[byte] === bytes.WORD;
    if (this.#run) {
      const goesOn =
        isWord || (this.#run === 'word' && byte === bytes.DOLLAR) || (this.#run === 'number' && byte === DOT);
      if (goesOn) {
        this.#builder.append(chunk, at, at + 1);
        return at + 1;
      }
      this.#endRun();
    }
    if (isWord) {
      this.#begin();
      this.#run = isDigit(byte) ? 'number' : 'word';
      this.#refuseAfterNumber();
      this.#builder.append(chunk, at, at + 1);
      return at + 1;
    }
    if (bytes.KINDS[byte] === bytes.SPACE) {
      if (byte === NEWLINE) this.#line += 1;
      if (this.#builder.length > 0) this.#builder.append(chunk, at, at + 1);
      return at + 1;
    }
    this.#special(chunk, at, byte);
    return at + 1;
  }

  #special(chunk: Buffer, at: number, byte: number): void {
    switch (byte) {
      case 0:
        throw this.#refused('a zero byte');
      case bytes.QUOTE:
        this.#quote(chunk, at);
        return;
      case bytes.DOUBLE_QUOTE:
        this.#doubleQuote(chunk, at);
        return;
      case bytes.DOLLAR:
        this.#refuseAfterNumber();
        this.#begin();
        this.#builder.append(chunk, at, at + 1);
        this.#enter('dollar', new DollarQuoted());
        return;
      case bytes.BACKSLASH:
        this.#fromLine = this.#line;
        this.#enter('meta', new RestOfLine());
        return;
      case bytes.DASH:
        if (!this.#follows('-')) break;
        this.#comment('line', new RestOfLine());
        return;
      case bytes.STAR:
        if (!this.#follows('/')) break;
        this.#comment('block', new BlockComment());
        return;
      case bytes.SEMICOLON:
        if (this.#depth > 0 || this.#body.isOpen) break;
        this.#semicolon();
        return;
      case bytes.CLOSE:
        this.#depth = Math.max(0, this.#depth - 1);
        break;
    }
    this.#begin();
    this.#builder.append(chunk, at, at + 1);
    this.#token('symbol');
    if (byte === bytes.OPEN) this.#depth += 1;
  }

  #quote(chunk: Buffer, at: number): void {
    this.#refuseAfterNumber();
    const last = this.#builder.last();
    const isDoubled = last?.isAdjacent === true && last.token.kind === 'literal';
    if (isDoubled && (this.#lastLiteral === 'plain' || this.#lastLiteral === 'escaped')) {
      const kind = this.#lastLiteral;
      this.#from = this.#builder.reopen();
      this.#builder.append(chunk, at, at + 1);
      this.#enter(kind, literalSection(kind));
      return;
    }
    // Whether it goes on by the rules of the first part depends on the line breaks and comments between the two.
    if (this.#lastLiteral === 'escaped') throw this.#refused('a literal in two parts');
    const prefix = last?.isAdjacent && last.token.kind === 'word' ? last.token.text : '';
    this.#refuseUnicodeEscapes();
    const escapes = prefix === 'E' || !this.standardConformingStrings;
    const kind = escapes ? 'escaped' : 'plain';
    if (['E', 'B', 'X', 'N'].includes(prefix)) this.#from = this.#builder.reopen();
    else this.#begin();
    this.#builder.append(chunk, at, at + 1);
    this.#enter(kind, literalSection(kind));
  }

  #doubleQuote(chunk: Buffer, at: number): void {
    this.#refuseAfterNumber();
    this.#refuseUnicodeEscapes();
    const last = this.#builder.last();
    if (last?.isAdjacent && last.token.kind === 'name') this.#from = this.#builder.reopen();
    else this.#begin();
    this.#builder.append(chunk, at, at + 1);
    this.#enter('name', new Quoted(bytes.DOUBLE_QUOTE));
  }

  #comment(kind: 'line' | 'block', section: Section): void {
    this.#builder.remove();
    this.#lastLiteral = this.#literalBefore;
    this.#fromLine = this.#line;
    this.#enter(kind, section);
  }

  #semicolon(): void {
    if (!this.#builder.isEmpty()) this.#items.push({ kind: 'statement', statement: this.#takeStatement() });
    else this.#builder.clear();
  }

  #takeStatement(): Statement {
    this.#depth = 0;
    this.#lastLiteral = undefined;
    this.#body.clear();
    return this.#builder.take();
  }

  #begin(): void {
    this.#from = this.#builder.length;
    this.#fromLine = this.#line;
  }

  #enter(kind: SectionKind, section: Section): void {
    this.#open = { kind, section };
  }

  #endRun(): void {
    const kind = this.#run;
    this.#run = undefined;
    if (kind === undefined) return;
    this.#token(kind);
    const text = this.#builder.last()?.token.text ?? '';
    // Before PostgreSQL 15 a name may follow a number without a space.
    if (kind === 'number' && !NUMBER.test(text)) throw this.#refused('text right after a number');
    if (kind === 'word' && this.#depth === 0) this.#body.word(text);
  }

  #token(kind: 'word' | 'name' | 'literal' | 'number' | 'symbol'): void {
    this.#literalBefore = this.#lastLiteral;
    this.#lastLiteral = undefined;
    this.#builder.token(kind, this.#from, this.#depth, this.#fromLine);
  }

  #follows(symbol: string): boolean {
    const last = this.#builder.last();
    return last?.isAdjacent === true && last.token.kind === 'symbol' && last.token.text === symbol;
  }

  /** `1E'…'` is two tokens before PostgreSQL 15, and an error since. */
  #refuseAfterNumber(): void {
    const last = this.#builder.last();
    if (last?.isAdjacent && last.token.kind === 'number') throw this.#refused('text right after a number');
  }

  /** `U&'…'` and `U&"…"`: names that hide behind escapes, and which no dump has. */
  #refuseUnicodeEscapes(): void {
    const [last, before] = [this.#builder.last(), this.#builder.last(2)];
    const isMark = last?.isAdjacent && last.token.text === '&' && before?.isAdjacent;
    if (isMark && before?.token.text === 'U') throw this.#refused("text with Unicode escapes (U&'…')");
  }

  #refused(what: string): LcbError {
    return new LcbError({
      code: 'sql.refused',
      message: `${this.#name}, line ${this.#line}: ${what} is refused: servers read it in different ways, and no dump has it. Write it another way.`,
    });
  }
}

const NEWLINE = 0x0a;
const DOT = 0x2e;
/** A sign in an exponent is a token of its own. */
const NUMBER = /^(?:\d[\d_]*(?:\.[\d_]*)?(?:E\d*)?|0[XOB][\dA-F_]+)$/;

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function literalSection(kind: 'plain' | 'escaped'): Section {
  return kind === 'plain' ? new Quoted(bytes.QUOTE) : new EscapedQuoted();
}
