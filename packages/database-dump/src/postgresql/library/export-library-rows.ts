import type { LibraryRows, LibraryRowsRequest } from '@lcb/core';
import { FailureScope } from '../../stream/failure-scope.ts';
import { WrittenObjects } from '../../stream/written-objects.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { prepareSession } from '../dump/snapshot.ts';
import { withReader } from '../guest/with-reader.ts';
import { findLibraryTables } from './find-library-tables.ts';
import { writeLibraryRows } from './write-library-rows.ts';

/** The library's rows of a live database, all as of one moment. Whatever fails, nothing that was written stays. */
export async function exportLibraryRows(request: LibraryRowsRequest): Promise<readonly LibraryRows[]> {
  const endpoint = parseEndpoint(request.connection);
  const objects = new WrittenObjects(request.store, request.prefix);
  const scope = new FailureScope(request.signal);
  const work = async (session: Session) => {
    await prepareSession(session);
    await session.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const library = await findLibraryTables(session);
    return await writeLibraryRows(session, library, {
      objects,
      folder: request.folder,
      signal: scope.signal,
    });
  };
  try {
    return await scope.run(() =>
      withReader(endpoint, (reader) =>
        withSession(reader, work, { signal: scope.signal, onLost: (lost) => scope.fail(lost) }),
      ),
    );
  } catch (error) {
    throw await objects.removeAfter(error);
  }
}
