import { type ImportRequest, LcbError } from '@lcb/core';
import { Skipped } from '../../guard/skipped.ts';
import { sqlFailed } from '../../guard/sql-failed.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { Progress } from '../../stream/progress.ts';
import { readServerVersion } from '../catalog/database-facts.ts';
import { describeEndpoint, type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { type DumpItem, guardDump } from '../guard/guard-dump.ts';
import { withGuest } from '../guest/with-guest.ts';
import { isEmpty } from '../load/target-state.ts';
import { assertOwnRights } from './assert-own-rights.ts';
import { ReadingRules, sessionSettings } from './session-settings.ts';

/** Loads a dump of `pg_dump` that was made elsewhere: lexed, through the driver, as a guest. */
export async function importDump(request: ImportRequest): Promise<void> {
  const endpoint = parseEndpoint(request.connection);
  const scope = new FailureScope(request.signal);
  await scope.run(async () => {
    if (!(await withSession(endpoint, isEmpty))) throw occupied(endpoint);
    await withGuest(endpoint, {
      work: async (login, guest) => {
        await withSession(login, (session) => loadItems(request, session), { signal: scope.signal });
        if (guest !== undefined)
          await withSession(endpoint, (session) => assertOwnRights(session, guest, request.name));
      },
    });
  });
}

async function loadItems(request: ImportRequest, session: Session): Promise<void> {
  const { source, name, onProgress, onNotice } = request;
  const progress = new Progress(onProgress, undefined);
  const skipped = new Skipped();
  await session.run(sessionSettings((await readServerVersion(session)).major));
  const rules = new ReadingRules();
  for await (const item of guardDump(counted(source, progress), { name })) {
    if (item.kind === 'skipped') skipped.add(item, item.why);
    else await sendItem(session, item, rules);
  }
  progress.flush();
  await session.run('RESET ALL; SET statement_timeout = 0; ANALYZE');
  for (const notice of skipped.notices()) onNotice?.(notice);
}

type SentItem = Exclude<DumpItem, { readonly kind: 'skipped' }>;

async function sendItem(session: Session, item: SentItem, rules: ReadingRules): Promise<void> {
  try {
    if (item.kind === 'statement') await session.runOne(item.sql);
    else {
      const rows = await session.copyIn(item.sql, item.rows);
      if (rows !== item.rowCount()) throw miscounted(item, rows);
    }
  } catch (error) {
    throw sqlFailed(error, item);
  }
  rules.assertAgreed(session, item.sql, item);
}

async function* counted(source: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    progress.add(chunk.length);
    yield chunk;
  }
}

/** A row that is cut short, or an end in the middle: the server stops reading there without an error. */
function miscounted(
  { name, line, rowCount }: Extract<DumpItem, { readonly kind: 'rows' }>,
  taken: number,
): LcbError {
  return new LcbError({
    code: 'database.dumpUnreadable',
    message: `${name}, line ${line}: of the ${rowCount()} rows that follow the server took ${taken}. The file is damaged; transfer it again, in binary mode.`,
  });
}

function occupied(endpoint: Endpoint): LcbError {
  return new LcbError({
    code: 'database.targetOccupied',
    message: `Nothing was loaded into ${describeEndpoint(endpoint)}: it is not empty. Drop it and create it anew.`,
  });
}
