import {
  generatedFileTables,
  type LibraryRows,
  type LibraryRowsRequest,
  type OpenConnection,
} from '@lcb/core';
import { everything } from '../../sql/select-schemas.ts';
import { FailureScope } from '../../stream/failure-scope.ts';
import { WrittenObjects } from '../../stream/written-objects.ts';
import { quoteIdentifier, quoteName } from '../catalog/quote.ts';
import { selectDatabases } from '../catalog/select-databases.ts';
import { liftTimeLimits, readServer } from '../catalog/server.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { findLibraryTables, findTables } from './find-library-tables.ts';
import { writeLibraryRows } from './write-library-rows.ts';

/** The library's rows of a live database, all as of one moment. Whatever fails, nothing that was written stays. */
export async function exportLibraryRows(request: LibraryRowsRequest): Promise<readonly LibraryRows[]> {
  const endpoint = parseEndpoint(request.connection);
  const objects = new WrittenObjects(request.store, request.prefix);
  const scope = new FailureScope(request.signal);
  const work = async (session: Session) => {
    const server = await readServer(session);
    await liftTimeLimits(session, server);
    const { chosen } = await selectDatabases(session, server, everything);
    await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const library = await findLibraryTables(session, chosen);
    return await writeLibraryRows(session, library, {
      objects,
      folder: request.folder,
      signal: scope.signal,
    });
  };
  try {
    return await scope.run(() =>
      withSession(endpoint, work, { signal: scope.signal, onLost: (lost) => scope.fail(lost) }),
    );
  } catch (error) {
    throw await objects.removeAfter(error);
  }
}

/**
 * Deletes the rows that point at previews, thumbnails and adaptive images, in the database and in those of its virtual
 * instances: after a restore without generated files they dangle, and Liferay makes a file again only where its row is
 * missing. All in one transaction.
 *
 * @param companyIds of these companies only; all when left out
 */
export async function clearGeneratedRows(
  connection: OpenConnection,
  { companyIds }: { readonly companyIds?: readonly string[] } = {},
): Promise<{ readonly rows: number }> {
  return await withSession(parseEndpoint(connection), async (session) => {
    const { chosen } = await selectDatabases(session, await readServer(session), everything);
    const tables = await findTables(session, chosen, generatedFileTables);
    let rows = 0;
    await session.run('START TRANSACTION');
    for (const { schema, relation, columns } of tables) {
      const company = columns.get('companyid');
      if (companyIds === undefined || company === undefined) {
        rows += await session.run(`DELETE FROM ${quoteName(schema, relation)}`);
      } else if (companyIds.length > 0) {
        const where = `WHERE ${quoteIdentifier(company.name)} IN (?)`;
        rows += await session.run(`DELETE FROM ${quoteName(schema, relation)} ${where}`, [companyIds]);
      }
    }
    await session.run('COMMIT');
    return { rows };
  });
}
