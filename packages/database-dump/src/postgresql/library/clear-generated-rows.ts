import { generatedFileTables, type OpenConnection } from '@lcb/core';
import { z } from 'zod';
import { quoteIdentifier, quoteName } from '../catalog/quote.ts';
import { isUserSchema } from '../catalog/user-objects.ts';
import { parseEndpoint } from '../connection/endpoint.ts';
import { countColumn, type Session, withSession } from '../connection/session.ts';
import { grantOnTables } from '../guest/grant-on-tables.ts';
import { assertGiven } from '../guest/invite-reader.ts';
import { withReader } from '../guest/with-reader.ts';

const tableRow = z.object({ schema: z.string(), table: z.string(), company: z.string().nullable() });

/**
 * Deletes the rows that point at previews, thumbnails and adaptive images (liferay.md: after a restore without generated
 * files they dangle, and Liferay makes a file again only where its row is missing). All in one transaction.
 *
 * @param companyIds of these companies only; all when left out
 */
export async function clearGeneratedRows(
  connection: OpenConnection,
  { companyIds }: { readonly companyIds?: readonly string[] } = {},
): Promise<{ readonly rows: number }> {
  return await withReader(
    parseEndpoint(connection),
    (reader) => withSession(reader, (session) => clearRows(session, companyIds)),
    async (admin, guest) =>
      assertGiven(admin, await grantOnTables(admin, guest, 'DELETE', await generatedTables(admin))),
  );
}

async function generatedTables(session: Session): Promise<z.infer<typeof tableRow>[]> {
  return await session.query(
    tableRow,
    `SELECT n.nspname AS schema, c.relname AS "table",
         (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND lower(a.attname) = 'companyid') AS company
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${isUserSchema} AND lower(c.relname) = ANY ($1)`,
    [generatedFileTables.map((name) => name.toLowerCase())],
  );
}

async function clearRows(
  session: Session,
  companyIds: readonly string[] | undefined,
): Promise<{ readonly rows: number }> {
  const tables = await generatedTables(session);
  let rows = 0;
  await session.run('BEGIN');
  for (const { schema, table, company } of tables) {
    const ofCompanies =
      companyIds === undefined || company === null
        ? ''
        : `WHERE ${quoteIdentifier(company)} = ANY ($1::bigint[])`;
    const { deleted } = await session.one(
      z.object({ deleted: countColumn }),
      `WITH gone AS (DELETE FROM ${quoteName(schema, table)} ${ofCompanies} RETURNING 1)
         SELECT count(*) AS deleted FROM gone`,
      ofCompanies === '' ? [] : [companyIds],
    );
    rows += deleted;
  }
  await session.run('COMMIT');
  return { rows };
}
