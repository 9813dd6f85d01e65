import { createHash } from 'node:crypto';
import { LcbError } from '@lcb/core';
import { FirstStatements } from '../../sql/first-statements.ts';
import type { StatementText } from '../../sql/statement-text.ts';
import { type CopiedTable, copiedTable } from './copy-statement.ts';
import { SqlLexer } from './sql-lexer.ts';

const TRAILER = ' PostgreSQL database dump complete';
/** How the statements begin that matter; `pg_dump` writes key words in capitals. */
const COPY = Buffer.from('COPY ');
const SELECT = Buffer.from('SELECT ');
const SET = Buffer.from('SET ');
/** One statement creates one large object, whichever major of `pg_dump` wrote it. */
const LARGE_OBJECT = /^SELECT\s+(?:pg_catalog\.)?lo_creat(?:e)?\(/;
const SEQUENCE_VALUE = /^SELECT\s+(?:pg_catalog\.)?setval\(/;
const BACKSLASHES = /^SET\s+standard_conforming_strings\s*=\s*off$/;
const ROWS_FOLLOW = /\sFROM\s+stdin\s*$/i;

export interface InspectedTable extends CopiedTable {
  readonly rows: number;
}

/** What passed by in a complete dump. */
export interface Inspection {
  readonly bytes: number;
  readonly sha256: string;
  /** In the order of the dump; one entry for each COPY. */
  readonly tables: readonly InspectedTable[];
  /** Sequences whose value is set. */
  readonly sequences: number;
  readonly largeObjects: number;
  /** The first of them, one by one. */
  readonly statements: FirstStatements;
}

/** Reads along while a plain dump of `pg_dump` streams by: what is in it, and whether it is all there. */
export class DumpInspector {
  readonly #hash = createHash('sha256');
  readonly #tables: InspectedTable[] = [];
  readonly #first = new FirstStatements();
  readonly #lexer = new SqlLexer({
    statement: (text) => this.#statement(text),
    rows: (rows) => this.#rows(rows),
    comment: (text) => {
      if (text.trimEnd() === TRAILER) this.#complete = true;
    },
  });
  #bytes = 0;
  #sequences = 0;
  #largeObjects = 0;
  #copying: CopiedTable | undefined;
  #complete = false;
  #finished: Inspection | undefined;

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    this.#lexer.push(chunk);
  }

  /** After the last chunk. @throws LcbError `database.dumpTruncated` if the end is missing. */
  finish(): Inspection {
    this.#finished ??= this.#finish();
    return this.#finished;
  }

  #finish(): Inspection {
    if (!this.#complete || !this.#lexer.isAtRest()) {
      throw new LcbError({
        code: 'database.dumpTruncated',
        message: `The dump ended after ${this.#bytes} bytes without its last line, so it is not complete. Try again; if it happens again, run pg_dump by hand and look at its messages.`,
        retryable: true,
      });
    }
    return {
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
      tables: this.#tables,
      sequences: this.#sequences,
      largeObjects: this.#largeObjects,
      statements: this.#first,
    };
  }

  #statement(text: StatementText): boolean {
    this.#first.add(text);
    if (text.startsWith(COPY)) return ROWS_FOLLOW.test(text.tail()) && this.#copy(text.head());
    if (text.startsWith(SELECT)) {
      const head = text.head();
      if (LARGE_OBJECT.test(head)) this.#largeObjects += 1;
      else if (SEQUENCE_VALUE.test(head)) this.#sequences += 1;
    } else if (text.startsWith(SET) && BACKSLASHES.test(text.head())) {
      this.#lexer.standardConformingStrings = false;
    }
    return false;
  }

  #copy(head: string): boolean {
    this.#copying = copiedTable(head);
    if (this.#copying) return true;
    throw new LcbError({
      code: 'database.dumpUnreadable',
      message: `The dump has rows for a table whose name can't be read: ${JSON.stringify(head.slice(0, 200))}. Report this with the version of pg_dump.`,
    });
  }

  #rows(rows: number): void {
    if (this.#copying) this.#tables.push({ ...this.#copying, rows });
    this.#copying = undefined;
  }
}
