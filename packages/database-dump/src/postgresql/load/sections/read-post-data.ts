import type { Statement } from '../../../guard/statement.ts';
import { StatementReader } from '../../guard/statement-reader.ts';
import type { IndexStatement } from './index-queue.ts';

/** The last section of a dump, taken apart. */
export interface PostData {
  /** With which the script begins; every session needs them. */
  readonly settings: readonly string[];
  readonly indexes: readonly IndexStatement[];
  /** Everything else, in its order. */
  readonly rest: readonly string[];
}

/** As the source had it: then a backslash has a meaning in every literal. */
const BACKSLASHES = /^SET\s+standard_conforming_strings\s*=\s*off$/i;

/**
 * Takes out the statements that may run side by side before all others: keys and indexes, as far as nothing stands before them
 * that they could depend on. `pg_dump` writes them first, unless a function or a view had to wait for a key; from there on
 * everything stays in its order.
 *
 * @throws LcbError `sql.refused`, `sql.unterminated`, … for text that the lexer of untrusted dumps does not read.
 */
export async function readPostData(source: AsyncIterable<Uint8Array>): Promise<PostData> {
  const reader = new StatementReader(source, 'The last part of the dump');
  const settings: string[] = [];
  const indexes: IndexStatement[] = [];
  const rest: string[] = [];
  let isPreamble = true;
  let isIndependent = true;
  try {
    for (let item = await reader.next(); item; item = await reader.next()) {
      // `\restrict` and `\unrestrict`: there is no psql here to be restricted.
      if (item.kind === 'meta') continue;
      const { statement } = item;
      if (isPreamble && isSetting(statement)) {
        settings.push(statement.sql);
        if (BACKSLASHES.test(statement.sql)) reader.lexer.standardConformingStrings = false;
        continue;
      }
      isPreamble = false;
      const index = isIndependent ? indexOf(statement) : undefined;
      if (index) indexes.push(index);
      else {
        rest.push(statement.sql);
        isIndependent &&= mayStandBefore(statement);
      }
    }
    const last = reader.end();
    if (last) rest.push(last.sql);
  } finally {
    await reader.close();
  }
  return { settings, indexes, rest };
}

function isSetting(statement: Statement): boolean {
  return (
    statement.has(0, 'SET') || (statement.has(0, 'SELECT', 'PG_CATALOG') && statement.has(3, 'SET_CONFIG'))
  );
}

/** Changes of a table or an index, and comments: no index needs one to have happened. */
function mayStandBefore(statement: Statement): boolean {
  return (
    statement.has(0, 'ALTER', 'TABLE') ||
    statement.has(0, 'ALTER', 'INDEX') ||
    statement.has(0, 'COMMENT', 'ON') ||
    statement.has(0, 'CREATE', 'STATISTICS')
  );
}

function indexOf(statement: Statement): IndexStatement | undefined {
  const { sql } = statement;
  if (statement.has(0, 'CREATE', 'INDEX') || statement.has(0, 'CREATE', 'UNIQUE', 'INDEX')) {
    const on = statement.find('ON');
    const at = statement.has(on + 1, 'ONLY') ? on + 2 : on + 1;
    const table = on === -1 ? undefined : nameAt(statement, at);
    return table === undefined ? undefined : { sql, table, isKey: false };
  }
  if (!statement.has(0, 'ALTER', 'TABLE', 'ONLY')) return undefined;
  const table = nameAt(statement, 3);
  const add = statement.find('ADD');
  const isAdded = statement.has(add, 'ADD', 'CONSTRAINT');
  // The name of the constraint is one token.
  const isKey = statement.has(add + 3, 'PRIMARY', 'KEY') || statement.has(add + 3, 'UNIQUE');
  return table !== undefined && isAdded && isKey ? { sql, table, isKey: true } : undefined;
}

/** `schema.table` as it is written; undefined where something else stands. */
function nameAt(statement: Statement, at: number): string | undefined {
  const [schema, table] = [statement.tokens[at], statement.tokens[at + 2]];
  if (!schema || !table || !statement.isSymbol(at + 1, '.')) return undefined;
  return `${statement.textOf(schema)}.${statement.textOf(table)}`;
}
