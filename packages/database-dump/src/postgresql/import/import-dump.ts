import { type ImportRequest, LcbError } from '@lcb/core';
import { FailureScope } from '../../stream/failure-scope.ts';
import { Progress } from '../../stream/progress.ts';
import { describeEndpoint, type Endpoint, parseEndpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { withGuest } from '../guest/with-guest.ts';
import { isEmpty } from '../load/target-state.ts';
import { markUntrusted } from '../mark/untrusted-mark.ts';
import { assertOwnRights } from './assert-own-rights.ts';
import { loadItems } from './load-items.ts';

/** Loads a dump of `pg_dump` that was made elsewhere: lexed, through the driver, as a guest. */
export async function importDump(request: ImportRequest): Promise<void> {
  const endpoint = parseEndpoint(request.connection);
  const scope = new FailureScope(request.signal);
  const progress = new Progress(request.onProgress, undefined);
  const items = { ...request, source: counted(request.source, progress) };
  await scope.run(async () => {
    if (!(await withSession(endpoint, isEmpty))) throw occupied(endpoint);
    await withSession(endpoint, markUntrusted);
    await withGuest(endpoint, {
      work: async (login, guest) => {
        await withSession(login, (session) => loadItems(items, session), { signal: scope.signal });
        if (guest !== undefined)
          await withSession(endpoint, (session) => assertOwnRights(session, guest, request.name));
      },
    });
    await withSession(endpoint, markUntrusted);
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
