import { type ImportRequest, LcbError } from '@lcb/core';
import { Skipped } from '../../guard/skipped.ts';
import { sqlFailed } from '../../guard/sql-failed.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { Progress } from '../../stream/progress.ts';
import { liftTimeLimits, readServer } from '../catalog/server.ts';
import { describeEndpoint, type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { guardMysqlDump } from '../guard/guard-dump.ts';
import { withGuest } from '../guest/with-guest.ts';
import { isEmpty } from '../load/empty-database.ts';

/** Loads a dump of `mysqldump` or `mariadb-dump` that was made elsewhere: lexed, through the driver, as a guest. */
export async function importDump(request: ImportRequest): Promise<void> {
  const endpoint = parseEndpoint(request.connection);
  const scope = new FailureScope(request.signal);
  await scope.run(async () => {
    if (!(await withSession(endpoint, (session) => isEmpty(session, endpoint.database))))
      throw occupied(endpoint);
    await withGuest(endpoint, 'ALL PRIVILEGES', (login) =>
      withSession(login, (session) => loadItems(request, session), { signal: scope.signal, rawBytes: true }),
    );
  });
}

async function loadItems(request: ImportRequest, session: Session): Promise<void> {
  const { source, name, onProgress, onNotice } = request;
  const server = await readServer(session);
  await liftTimeLimits(session, server);
  const progress = new Progress(onProgress, undefined);
  const skipped = new Skipped();
  for await (const item of guardMysqlDump(counted(source, progress), { name, server })) {
    if (item.kind === 'skipped') {
      skipped.add(item, item.why);
      continue;
    }
    try {
      await session.runBytes(item.bytes);
    } catch (error) {
      throw sqlFailed(error, item);
    }
  }
  progress.flush();
  for (const notice of skipped.notices()) onNotice?.(notice);
}

async function* counted(source: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    progress.add(chunk.length);
    yield chunk;
  }
}

function occupied(endpoint: Endpoint): LcbError {
  return new LcbError({
    code: 'database.targetOccupied',
    message: `Nothing was loaded into ${describeEndpoint(endpoint)}: it is not empty. Drop it and create it anew.`,
  });
}
