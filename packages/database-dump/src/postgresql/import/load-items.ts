import { type ImportRequest, LcbError } from '@lcb/core';
import { Skipped } from '../../guard/skipped.ts';
import { sqlFailed } from '../../guard/sql-failed.ts';
import { readServerVersion } from '../catalog/database-facts.ts';
import type { Session } from '../connection/session.ts';
import { type DumpItem, guardDump } from '../guard/guard-dump.ts';
import { ReadingRules, sessionSettings } from './session-settings.ts';

/** Runs a stranger's dump statement by statement, each one judged before it is sent. The session is the guest's. */
export async function loadItems(
  { source, name, onNotice }: Pick<ImportRequest, 'source' | 'name' | 'onNotice'>,
  session: Session,
): Promise<void> {
  const skipped = new Skipped();
  await session.run(sessionSettings((await readServerVersion(session)).major));
  const rules = new ReadingRules();
  const standardStrings = () => rules.standardStrings(session);
  for await (const item of guardDump(source, { name, standardStrings })) {
    if (item.kind === 'skipped') skipped.add(item, item.why);
    else await sendItem(session, item, rules);
  }
  await session.run('RESET ALL; SET statement_timeout = 0; ANALYZE');
  for (const notice of skipped.notices()) onNotice?.(notice);
}

type SentItem = Exclude<DumpItem, { readonly kind: 'skipped' }>;

async function sendItem(session: Session, item: SentItem, rules: ReadingRules): Promise<void> {
  let taken: number | undefined;
  try {
    if (item.kind === 'statement') await session.runOne(item.sql);
    else taken = await session.copyIn(item.sql, item.rows);
  } catch (error) {
    throw sqlFailed(error, item);
  }
  if (item.kind === 'rows' && taken !== item.rowCount()) throw miscounted(item, taken ?? 0);
  rules.assertAgreed(session, item.sql, item);
}

/** An end in the middle: a server before 18 stops reading there without an error. */
function miscounted(
  { name, line, rowCount }: Extract<DumpItem, { readonly kind: 'rows' }>,
  taken: number,
): LcbError {
  return new LcbError({
    code: 'database.dumpUnreadable',
    message: `${name}, line ${line}: of the ${rowCount()} rows that follow the server took ${taken}. The file is damaged; transfer it again, in binary mode.`,
  });
}
