import { LcbError } from '@lcb/core';
import { FirstStatements } from '../../sql/first-statements.ts';
import { withoutDefiner } from '../scanner/definers.ts';
import { createdTable, insertedTable, setsSequence, usedDatabase } from '../scanner/statement-names.ts';
import { type ScanListener, type Statement, StatementScanner } from '../scanner/statement-scanner.ts';

/** What a dump has of one database, up to where it goes on with another. */
export interface DumpSegment {
  readonly schema: string;
  /** A dump by itself. To be read to its end before the next segment is asked for. */
  readonly source: AsyncIterable<Buffer>;
}

export interface InspectedTable {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
}

/** What passed by. */
export interface DumpInspection {
  /** One entry for each definition and one for each INSERT. */
  readonly tables: readonly InspectedTable[];
  readonly sequences: number;
  /** The first of them, one by one. */
  readonly statements: FirstStatements;
}

export interface SplitOptions {
  /** Is this table's definition wanted and not its rows? */
  readonly isWithoutData: (schema: string, table: string) => boolean;
}

interface Switch {
  readonly use: string;
}

const COMPLETE = /^\s*Dump completed/;
const TRAILER = Buffer.from('\n-- Dump completed\n');

/**
 * Takes a dump of several databases apart, as it streams by: one segment for each stretch of a database, without `USE`,
 * without definers, each with the session settings that the dump begins with. Counts what is in it, and fails at the end
 * of a dump that lacks its last line.
 */
export class DumpSplitter {
  readonly #source: AsyncIterable<Buffer>;
  readonly #options: SplitOptions;
  readonly #tables: InspectedTable[] = [];
  readonly #first = new FirstStatements();
  #sequences = 0;
  #complete = false;
  #schema = '';
  #inserting: string | undefined;

  constructor(source: AsyncIterable<Buffer>, options: SplitOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws LcbError `database.dumpTruncated`, `database.dumpUnreadable`, and what the source throws. */
  async *segments(): AsyncGenerator<DumpSegment> {
    const items = this.#items();
    try {
      const header: Buffer[] = [];
      let next = await items.next();
      for (; !next.done && Buffer.isBuffer(next.value); next = await items.next()) header.push(next.value);
      while (!next.done) {
        const { value } = next;
        if (Buffer.isBuffer(value))
          throw new LcbError({ code: 'internal', message: 'A segment was not read to its end.' });
        yield {
          schema: value.use,
          source: segment(header, items, value.use, (stopped) => {
            next = stopped;
          }),
        };
      }
    } finally {
      await items.return(undefined);
    }
  }

  /** After the last segment. */
  inspection(): DumpInspection {
    return { tables: this.#tables, sequences: this.#sequences, statements: this.#first };
  }

  async *#items(): AsyncGenerator<Buffer | Switch, undefined> {
    const scanner = new StatementScanner<Switch>(this.#listener());
    let bytes = 0;
    for await (const chunk of this.#source) {
      bytes += chunk.length;
      yield* joined(scanner.push(chunk));
    }
    yield* scanner.finish();
    if (this.#complete && scanner.isAtRest()) return undefined;
    throw new LcbError({
      code: 'database.dumpTruncated',
      message: `The dump ended after ${bytes} bytes without its last line, so it is not complete. Try again; if it happens again, run mysqldump by hand and look at its messages.`,
      retryable: true,
    });
  }

  #listener(): ScanListener<Switch> {
    return {
      statement: (statement) => this.#statement(statement),
      insert: (head) => {
        this.#first.add({ head: () => head });
        this.#inserting = insertedTable(head);
        if (this.#inserting === undefined) throw unreadable(head);
        return !this.#options.isWithoutData(this.#schema, this.#inserting);
      },
      rows: (rows) => {
        const table = this.#inserting ?? '';
        if (!this.#options.isWithoutData(this.#schema, table))
          this.#tables.push({ schema: this.#schema, table, rows });
      },
      comment: (text) => {
        if (COMPLETE.test(text)) this.#complete = true;
      },
    };
  }

  #statement({ bytes, head }: Statement): Buffer | Switch {
    this.#first.add({ head: () => head });
    const use = usedDatabase(head);
    if (use !== undefined) {
      this.#schema = use;
      return { use };
    }
    const table = createdTable(head);
    if (table !== undefined) this.#tables.push({ schema: this.#schema, table, rows: 0 });
    if (setsSequence(head)) this.#sequences += 1;
    return withoutDefiner(bytes);
  }
}

type Item = IteratorResult<Buffer | Switch, undefined>;

async function* segment(
  header: readonly Buffer[],
  items: AsyncGenerator<Buffer | Switch, undefined>,
  schema: string,
  onStopped: (item: Item) => void,
): AsyncGenerator<Buffer> {
  yield* header;
  let item: Item = await items.next();
  for (; !item.done; item = await items.next()) {
    if (Buffer.isBuffer(item.value)) yield item.value;
    else if (item.value.use !== schema) break;
  }
  // The dump itself has its last line at the end of the last segment only.
  if (!item.done) yield TRAILER;
  onStopped(item);
}

/** Neighbouring buffers as one: each write downstream costs more than a copy. */
function* joined(items: readonly (Buffer | Switch)[]): Generator<Buffer | Switch> {
  let run: Buffer[] = [];
  for (const item of items) {
    if (Buffer.isBuffer(item)) {
      run.push(item);
      continue;
    }
    if (run.length > 0) yield Buffer.concat(run);
    run = [];
    yield item;
  }
  const [only] = run;
  if (run.length === 1 && only) yield only;
  else if (run.length > 1) yield Buffer.concat(run);
}

function unreadable(head: string): LcbError {
  return new LcbError({
    code: 'database.dumpUnreadable',
    message: `The dump has rows for a table whose name can't be read: ${JSON.stringify(head.slice(0, 200))}. Report this with the version of the dump program.`,
  });
}
