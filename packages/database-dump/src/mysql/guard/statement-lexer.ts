import { LcbError } from '@lcb/core';
import type { Statement } from '../../guard/statement.ts';
import { StatementBuilder } from '../../guard/statement-builder.ts';
import { countNewlines } from '../../postgresql/inspector/newlines.ts';
import { EscapedQuoted, Quoted } from '../../postgresql/inspector/quoted.ts';
import type { Section } from '../../postgresql/inspector/section.ts';
import type { Server } from '../catalog/server.ts';
import { executedComment } from './executed-comment.ts';

/** More than the longest mark that has to be seen whole: a delimiter, the head of an executed comment. */
const LOOK_AHEAD = 32;
const DELIMITER = /^delimiter[ \t]+([^\s'"`\\]{1,16})[ \t]*\r?(?:\n|$)/i;
const NUMBER = /^(?:\d+(?:E\d*)?|0X[\dA-F]*|0B[01]*)$/;
const [NEWLINE, BACKSLASH, DASH, SLASH, STAR, HASH, OPEN, CLOSE] = Buffer.from('\n\\-/*#()');
const [QUOTE, DOUBLE_QUOTE, BACKTICK] = Buffer.from(`'"\``);

/** `left`: a comment for other servers, or one that is not plain; what is in it is let go. */
type SectionKind = 'literal' | 'name' | 'line' | 'block' | 'left';

interface OpenSection {
  readonly section: Section;
  readonly kind: SectionKind;
}

/** A comment up to the end of its line; the line feed belongs to what follows. */
class LineSection implements Section {
  push(chunk: Buffer, from: number): number | undefined {
    const end = chunk.indexOf(NEWLINE ?? 0, from);
    return end === -1 ? undefined : end;
  }
}

/** A comment that is none of ours to read: to its first end, since MySQL's do not nest. */
class BlockSection implements Section {
  #previous = 0;

  push(chunk: Buffer, from: number): number | undefined {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#previous === STAR && chunk[at] === SLASH) return at + 1;
      this.#previous = chunk[at] ?? 0;
    }
    return undefined;
  }
}

/**
 * Takes a file for `mysql` apart into statements and their tokens, by the rules of server and client: `DELIMITER`, comments
 * that are code, backslashes and doubled quotes in literals. It knows `sql_mode` without ANSI_QUOTES and
 * NO_BACKSLASH_ESCAPES, and those who judge see to it that it stays so.
 */
export class MysqlLexer {
  readonly #name: string;
  readonly #server: Pick<Server, 'flavour' | 'version'>;
  readonly #builder = new StatementBuilder();
  #statements: Statement[] = [];
  #delimiter: Buffer = Buffer.from(';');
  #line = 1;
  #depth = 0;
  #run = false;
  #from = 0;
  #fromLine = 1;
  #isInExecuted = false;
  #open: OpenSection | undefined;

  constructor(name: string, server: Pick<Server, 'flavour' | 'version'>) {
    this.#name = name;
    this.#server = server;
  }

  /** Reads until a statement is complete, or so far that what follows has to be known. @returns where to go on. */
  push(chunk: Buffer, from: number, isLast: boolean): number {
    let at = from;
    while (at < chunk.length && this.#statements.length === 0) {
      if (this.#open) at = this.#section(chunk, at, this.#open);
      else if (!isLast && chunk.length - at < LOOK_AHEAD) return at;
      else at = this.#next(chunk, at);
    }
    return at;
  }

  takeStatement(): Statement | undefined {
    return this.#statements.shift();
  }

  /** After the last byte. @throws LcbError `sql.unterminated` */
  end(): Statement | undefined {
    this.#endRun();
    if (this.#isInExecuted || (this.#open !== undefined && this.#open.kind !== 'line')) {
      throw new LcbError({
        code: 'sql.unterminated',
        message: `${this.#name} ends inside of what begins in line ${this.#fromLine}: a quote or a comment is not closed. The file may have been cut off; transfer it again.`,
      });
    }
    if (this.#builder.isEmpty()) return undefined;
    this.#endStatement();
    return this.takeStatement();
  }

  #section(chunk: Buffer, from: number, open: OpenSection): number {
    const end = open.section.push(chunk, from);
    const to = end ?? chunk.length;
    this.#line += countNewlines(chunk, from, to);
    if (open.kind !== 'left') this.#builder.append(chunk, from, to);
    if (end === undefined) return to;
    this.#open = undefined;
    if (open.kind === 'literal' || open.kind === 'name')
      this.#builder.token(open.kind, this.#from, this.#depth, this.#fromLine);
    else if (!this.#keepsComment(open.kind)) {
      this.#builder.cut(this.#from);
      this.#builder.space();
    }
    return to;
  }

  /** Bodies of routines keep their comments. Not one in which another seems to begin: what ends it depends on the version. */
  #keepsComment(kind: SectionKind): boolean {
    if (this.#builder.isEmpty() || kind === 'left') return false;
    const text = this.#builder.textFrom(this.#from);
    return kind === 'line' || (!text.includes('/*', 2) && !text.startsWith('/*+'));
  }

  #next(chunk: Buffer, at: number): number {
    const byte = chunk[at] ?? 0;
    if (this.#startsWith(chunk, at, this.#delimiter)) {
      this.#endRun();
      if (this.#isInExecuted) throw this.#refused('the end of a statement inside of a comment');
      this.#endStatement();
      return at + this.#delimiter.length;
    }
    if (isWordByte(byte)) {
      if (!this.#run) {
        const command = this.#delimiterCommand(chunk, at);
        if (command !== undefined) return command;
        this.#begin();
        this.#run = true;
      }
      this.#builder.append(chunk, at, at + 1);
      return at + 1;
    }
    this.#endRun();
    if (byte <= 0x20 && byte !== 0) {
      if (byte === NEWLINE) this.#line += 1;
      if (this.#builder.length > 0) this.#builder.append(chunk, at, at + 1);
      return at + 1;
    }
    return this.#special(chunk, at, byte);
  }

  #special(chunk: Buffer, at: number, byte: number): number {
    const next = chunk[at + 1] ?? 0x20;
    if (byte === 0) throw this.#refused('a zero byte');
    if (byte === BACKSLASH) throw this.#refused('a command of the client (\\)');
    // Two dashes are a comment only with something blank behind them.
    const isDashes = byte === DASH && next === DASH && (chunk[at + 2] ?? 0x20) <= 0x20;
    if (byte === HASH || isDashes) {
      this.#begin();
      return this.#enter(at, 'line', new LineSection());
    }
    if (byte === SLASH && next === STAR) return this.#comment(chunk, at);
    if (byte === STAR && next === SLASH && this.#isInExecuted) {
      this.#isInExecuted = false;
      this.#builder.space();
      return at + 2;
    }
    const isQuote = byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK;
    if (isQuote) return this.#quote(chunk, at, byte);
    if (byte === CLOSE) this.#depth = Math.max(0, this.#depth - 1);
    this.#begin();
    this.#builder.append(chunk, at, at + 1);
    this.#builder.token('symbol', this.#from, this.#depth, this.#fromLine);
    if (byte === OPEN) this.#depth += 1;
    return at + 1;
  }

  #quote(chunk: Buffer, at: number, byte: number): number {
    const last = this.#builder.last();
    const before = last?.isAdjacent ? this.#builder.lastByte : undefined;
    // A doubled quote is one of the text. Something else right behind a quote is nothing that a dump has.
    if (before === byte && last?.token.kind === (byte === BACKTICK ? 'name' : 'literal'))
      this.#from = this.#builder.reopen();
    else this.#begin();
    this.#builder.append(chunk, at, at + 1);
    return this.#enter(
      at + 1,
      byte === BACKTICK ? 'name' : 'literal',
      byte === BACKTICK ? new Quoted(byte) : new EscapedQuoted(byte),
    );
  }

  #comment(chunk: Buffer, at: number): number {
    const executed = executedComment(chunk.toString('latin1', at, at + LOOK_AHEAD), this.#server);
    if (executed && this.#isInExecuted) throw this.#refused('code in a comment inside of another');
    this.#begin();
    // With its mark, which the section does not look at.
    if (!executed) this.#builder.append(chunk, at, at + 2);
    if (!executed?.isExecuted) return this.#enter(at + 2, executed ? 'left' : 'block', new BlockSection());
    this.#isInExecuted = true;
    this.#builder.space();
    return at + executed.length;
  }

  /** `DELIMITER //` in a line of its own, which the client takes for itself. */
  #delimiterCommand(chunk: Buffer, at: number): number | undefined {
    if (!this.#builder.isEmpty() || this.#isInExecuted) return undefined;
    const [command, delimiter] = DELIMITER.exec(chunk.toString('latin1', at, at + LOOK_AHEAD)) ?? [];
    if (command === undefined || delimiter === undefined) return undefined;
    this.#delimiter = Buffer.from(delimiter, 'latin1');
    if (command.endsWith('\n')) this.#line += 1;
    return at + command.length;
  }

  #startsWith(chunk: Buffer, at: number, mark: Buffer): boolean {
    return (
      chunk[at] === mark[0] &&
      chunk.compare(mark, 0, mark.length, at, Math.min(chunk.length, at + mark.length)) === 0
    );
  }

  #endStatement(): void {
    if (this.#builder.isEmpty()) this.#builder.clear();
    else this.#statements.push(this.#builder.take());
    this.#depth = 0;
  }

  #begin(): void {
    this.#from = this.#builder.length;
    this.#fromLine = this.#line;
  }

  #enter(to: number, kind: SectionKind, section: Section): number {
    this.#open = { section, kind };
    return to;
  }

  #endRun(): void {
    if (!this.#run) return;
    this.#run = false;
    this.#builder.token('word', this.#from, this.#depth, this.#fromLine);
    const text = this.#builder.last()?.token.text ?? '';
    if (!NUMBER.test(text)) return;
    this.#from = this.#builder.reopen();
    this.#builder.token('number', this.#from, this.#depth, this.#fromLine);
  }

  #refused(what: string): LcbError {
    return new LcbError({
      code: 'sql.refused',
      message: `${this.#name}, line ${this.#line}: ${what} is refused. Write it another way, or take it out of the file.`,
    });
  }
}

/** Letters, digits, `_`, `$`, and everything that is not ASCII. */
function isWordByte(byte: number): boolean {
  return (
    byte >= 0x80 ||
    byte === 0x24 ||
    byte === 0x5f ||
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  );
}
