import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { countColumn, type Session } from '../connection/session.ts';
import { isConfiguration, isOfExtension, isUserSchema } from './user-objects.ts';

const OLDEST_MAJOR = 13;

export interface ServerVersion {
  /** Such as `15.18`. */
  readonly version: string;
  readonly major: number;
}

/** @throws LcbError `database.serverUnsupported` */
export async function readServerVersion(session: Session): Promise<ServerVersion> {
  const row = z.object({ version: z.string(), number: z.coerce.number() });
  const { version, number } = await session.one(
    row,
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number`,
  );
  const major = Math.floor(number / 10_000);
  if (major < OLDEST_MAJOR) {
    throw new LcbError({
      code: 'database.serverUnsupported',
      message: `The server is PostgreSQL ${version}; ${OLDEST_MAJOR} or newer is needed. Upgrade the server.`,
    });
  }
  return { version: version.split(' ')[0] ?? version, major };
}

export interface DatabaseShape {
  readonly schemas: readonly string[];
  /** Those whose value `pg_dump` writes. */
  readonly sequences: number;
  readonly largeObjects: number;
}

const shapeRow: z.ZodType<DatabaseShape> = z.object({
  schemas: z.array(z.string()),
  sequences: countColumn,
  largeObjects: countColumn,
});

/**
 * What a database is made of, apart from its tables' rows.
 *
 * @param leftOut schemas that do not count; large objects belong to none.
 */
export async function readShape(session: Session, leftOut: readonly string[] = []): Promise<DatabaseShape> {
  return await session.one(
    shapeRow,
    `SELECT
       ARRAY(SELECT n.nspname::text FROM pg_namespace n WHERE ${isUserSchema} AND n.nspname <> ALL ($1) ORDER BY n.nspname) AS schemas,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${isUserSchema} AND n.nspname <> ALL ($1)
           AND (${isConfiguration('c.oid')} OR NOT ${isOfExtension('pg_class', 'c.oid')})
           AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())) AS sequences,
       (SELECT count(*) FROM pg_largeobject_metadata) AS "largeObjects"`,
    [leftOut],
  );
}

/**
 * About how many bytes a dump will have, for a progress bar: the tables without their indexes, and large objects twice
 * since their bytes are written in hexadecimal.
 */
export async function estimateDumpBytes(session: Session): Promise<number> {
  const { bytes } = await session.one(
    z.object({ bytes: countColumn }),
    `SELECT 2 * pg_table_size('pg_catalog.pg_largeobject') + coalesce((
       SELECT sum(pg_table_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND ${isUserSchema}), 0) AS bytes`,
  );
  return bytes;
}

export async function readDatabaseBytes(session: Session): Promise<number> {
  const sql = 'SELECT pg_database_size(current_database()) AS bytes';
  const { bytes } = await session.one(z.object({ bytes: countColumn }), sql);
  return bytes;
}
