import { LcbError } from '@lcb/core';
import { changedDuringDump } from '../../../sections/changed-during-dump.ts';
import { quoteName } from '../../catalog/quote.ts';
import type { Session } from '../../connection/session.ts';
import type { RowsInspector } from '../../inspector/rows-inspector.ts';
import type { TablePart } from './plan-parts.ts';

/** lock_not_available */
const LOCKED = '55P03';

/**
 * Rows of one table as a dump has them: the statement, the rows, their end. Ends only when as many rows passed by as the server
 * says to have sent.
 *
 * @param session a reader of the dump's snapshot.
 * @throws LcbError `database.connectionLost`, `database.definitionChanged`, `database.dumpTruncated`, …
 */
export async function* copyTable(
  session: Session,
  part: TablePart,
  inspector: RowsInspector,
): AsyncGenerator<Buffer> {
  const name = quoteName(part.schema, part.table);
  // The exporting session has this lock already. It can't be had only when somebody queues to change the table, and whoever
  // comes after him waits until the dump has ended: that is no time for an environment to stand still.
  const refused = await session.runUnlessRefused(`LOCK TABLE ONLY ${name} IN ACCESS SHARE MODE NOWAIT`, [
    LOCKED,
  ]);
  if (refused) throw changedDuringDump(`somebody waits to change ${name}`);
  yield inspector.begin(`COPY ${name} (${part.columns.join(', ')}) FROM stdin;\n`);
  const sent = yield* inspected(session.copyOut(`COPY ${rowsOf(part, name)} TO STDOUT`), inspector);
  if (sent !== inspector.rows) throw miscounted(name, inspector.rows, sent);
  yield inspector.end();
}

async function* inspected(
  rows: AsyncGenerator<Buffer, number>,
  inspector: RowsInspector,
): AsyncGenerator<Buffer, number> {
  try {
    for (;;) {
      const next = await rows.next();
      if (next.done === true) return next.value;
      inspector.push(next.value);
      yield next.value;
    }
  } finally {
    await rows.return(0);
  }
}

function rowsOf({ columns, range }: TablePart, name: string): string {
  const list = columns.join(', ');
  // Unlike a query this is not planned. Rows of the table's children are in neither.
  if (range === undefined) return `${name} (${list})`;
  const upTo = range.to === undefined ? '' : ` AND ctid < '(${range.to},0)'`;
  return `(SELECT ${list} FROM ONLY ${name} WHERE ctid >= '(${range.from},0)'${upTo})`;
}

function miscounted(name: string, passed: number, sent: number): LcbError {
  return new LcbError({
    code: 'database.dumpTruncated',
    message: `Of ${name} ${passed} rows passed by, but the server says to have sent ${sent}. Try again; if it happens again, look into the server's log.`,
    retryable: true,
  });
}
