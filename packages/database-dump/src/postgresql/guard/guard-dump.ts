import { LcbError } from '@lcb/core';
import { type Place, sqlRefused, type Verdict } from '../../guard/verdict.ts';
import { BEGIN_MARK, END_MARK } from '../../sections/section-marks.ts';
import { copyStatement } from './copy-statement.ts';
import { judgeDump } from './judge-dump.ts';
import { MetaCommands } from './meta-command.ts';
import { StatementReader } from './statement-reader.ts';

const HEADER = ' PostgreSQL database dump';
const TRAILER = ' PostgreSQL database dump complete';

/** What may be sent to the server, one after the other; the next is read only when it is asked for. */
export type DumpItem =
  | ({ readonly kind: 'statement'; readonly sql: string } & Place)
  /** The rows are to be read to their end; then `rowCount` says how many there were. */
  | ({
      readonly kind: 'rows';
      readonly sql: string;
      readonly rows: AsyncIterable<Uint8Array>;
      readonly rowCount: () => number;
    } & Place)
  | ({ readonly kind: 'skipped'; readonly why: string } & Place);

export interface DumpReading {
  /** Of the file, for messages. */
  readonly name: string;
  /** Has the session that the items are sent to `standard_conforming_strings`? Asked after each of them. */
  readonly standardStrings: () => boolean;
}

/**
 * Reads a plain dump of `pg_dump` that somebody else made. It lets through what such a dump consists of, leaves out what
 * concerns the source's server, and ends with an error at anything else, before that is sent.
 *
 * @throws LcbError `sql.refused`, `sql.unterminated`, `sql.encoding`, `sql.tooLarge`, `database.dumpTruncated`
 */
export async function* guardDump(
  source: AsyncIterable<Uint8Array>,
  { name, standardStrings }: DumpReading,
): AsyncGenerator<DumpItem> {
  let isBegun = false;
  let isComplete = false;
  /** A dump in sections has a header and a trailer for each, and marks of its own around them all. */
  let hasMoreSections = false;
  const reader = new StatementReader(source, name, (text) => {
    const comment = text.trimEnd();
    if (comment === HEADER) [isBegun, isComplete] = [true, false];
    if (comment === TRAILER) isComplete = true;
    if (comment === BEGIN_MARK) hasMoreSections = true;
    if (comment === END_MARK) hasMoreSections = false;
  });
  const metaCommands = new MetaCommands();
  try {
    for (let item = await reader.next(); item; item = await reader.next()) {
      if (item.kind === 'meta') {
        const verdict = metaCommands.judge(item.text, item.isInStatement);
        const skipped = decide(verdict, { name, line: item.line, command: '\\connect' });
        if (skipped) yield skipped;
        continue;
      }
      const { statement } = item;
      const place = { name, line: statement.line, command: statement.command };
      if (statement.has(0, 'COPY')) {
        const copy = copyStatement(statement);
        if ('do' in copy) throw refusal(copy, place);
        const rowCount = () => reader.rowCount;
        yield { kind: 'rows', sql: copy.sql, rows: reader.rows(), rowCount, ...place, command: copy.sql };
        continue;
      }
      const skipped = decide(judgeDump(statement), place);
      if (skipped) yield skipped;
      else yield { kind: 'statement', sql: statement.sql, ...place };
      // The server says by which rules it reads on, not the text: a SET need not do what it says.
      reader.lexer.standardConformingStrings = standardStrings();
    }
    const isCut = reader.end() !== undefined || hasMoreSections || (isBegun && !isComplete);
    if (isCut) throw truncated(name);
  } finally {
    await reader.close();
  }
}

function decide(verdict: Verdict, place: Place): DumpItem | undefined {
  if (verdict.do === 'refuse') throw refusal(verdict, place);
  return verdict.do === 'skip' ? { kind: 'skipped', why: verdict.why, ...place } : undefined;
}

function refusal(verdict: Verdict, place: Place): LcbError {
  if (verdict.do !== 'refuse') throw new TypeError('Only a refusal is an error.');
  return sqlRefused({ ...place, command: verdict.command ?? place.command }, verdict.why);
}

function truncated(name: string): LcbError {
  return new LcbError({
    code: 'database.dumpTruncated',
    message: `${name} does not end as pg_dump ends a dump, so it is not complete. Transfer the file again, or make it anew.`,
  });
}
