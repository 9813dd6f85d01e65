import { type ImportRequest, LcbError } from '@lcb/core';
import { FailureScope } from '../../stream/failure-scope.ts';
import { Progress } from '../../stream/progress.ts';
import { describeEndpoint, type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { wholeSections } from '../guard/whole-sections.ts';
import { needsGuest, withGuest } from '../guest/with-guest.ts';
import { isEmpty } from '../load/empty-database.ts';
import { markOfStrangers } from '../load/mark.ts';
import { loadItems } from './load-items.ts';

/** Loads a dump of `mysqldump` or `mariadb-dump` that was made elsewhere: lexed, through the driver, as a guest. */
export async function importDump(request: ImportRequest): Promise<void> {
  const endpoint = parseEndpoint(request.connection);
  const scope = new FailureScope(request.signal);
  const progress = new Progress(request.onProgress, undefined);
  const items = { ...request, source: wholeSections(counted(request.source, progress), request.name) };
  await scope.run(async () => {
    await withSession(endpoint, async (session) => {
      if (!(await isEmpty(session, endpoint.database))) throw occupied(endpoint);
      await needsGuest(session, endpoint);
      await markOfStrangers(session);
    });
    await withGuest(endpoint, 'ALL PRIVILEGES', (login) =>
      withSession(login, (session) => loadItems(items, session), { signal: scope.signal, rawBytes: true }),
    );
  });
  progress.flush();
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
