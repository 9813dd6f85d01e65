import { LcbError } from '@lcb/core';

/** `word` is a name or key word without quotes, `name` one with quotes; what is no longer than a character is a `symbol`. */
export type TokenKind = 'word' | 'name' | 'literal' | 'number' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** Of a word or number in capitals, of a symbol itself; empty for the rest, which may be long. */
  readonly text: string;
  /** Where it lies in the statement's bytes. */
  readonly from: number;
  readonly to: number;
  /** How many parentheses are open around it. */
  readonly depth: number;
}

const COMMAND_WORDS = 3;

/** One statement as it will be sent: what the lexer took for comments is not in it any more. */
export class Statement {
  readonly bytes: Buffer;
  readonly tokens: readonly Token[];
  /** Of the file, from 1: where its first token stands. */
  readonly line: number;

  constructor(bytes: Buffer, tokens: readonly Token[], line: number) {
    this.bytes = bytes;
    this.tokens = tokens;
    this.line = line;
  }

  /** @throws LcbError `sql.encoding` where it is not UTF-8, since what the server would read then is not what was lexed. */
  get sql(): string {
    return decode(this.bytes, this.line);
  }

  /** Do these words follow one another from this token on? */
  has(at: number, ...words: readonly string[]): boolean {
    return words.every((word, index) => this.wordAt(at + index) === word);
  }

  /** The word at this place in capitals, or undefined where there is something else. */
  wordAt(at: number): string | undefined {
    const token = this.tokens[at];
    return token?.kind === 'word' ? token.text : undefined;
  }

  isSymbol(at: number, symbol: string): boolean {
    const token = this.tokens[at];
    return token?.kind === 'symbol' && token.text === symbol;
  }

  /** Place of the first of these words outside of parentheses, or -1. */
  find(word: string, from = 0): number {
    return this.tokens.findIndex(
      (token, at) => at >= from && token.kind === 'word' && token.depth === 0 && token.text === word,
    );
  }

  /** The bytes of a token as text. */
  textOf(token: Token): string {
    return decode(this.bytes.subarray(token.from, token.to), this.line);
  }

  /** How the statement begins, for messages: `CREATE EVENT TRIGGER`. */
  get command(): string {
    const words: string[] = [];
    for (const [at, { kind, text }] of this.tokens.slice(0, COMMAND_WORDS).entries()) {
      if (kind !== 'word' || this.isSymbol(at + 1, '.')) break;
      words.push(text);
    }
    return words.length === 0 ? 'What stands here' : words.join(' ');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer, line: number): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new LcbError({
      code: 'sql.encoding',
      message: `The statement in line ${line} is not in UTF-8. Make the file anew in UTF-8 (pg_dump --encoding=UTF8, mysqldump --default-character-set=utf8mb4).`,
      cause,
    });
  }
}
