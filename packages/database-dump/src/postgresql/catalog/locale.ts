import { LcbError, type PostgresqlLocale, postgresqlLocaleSchema } from '@lcb/core';
import { z } from 'zod';
import type { Session } from '../connection/session.ts';

/** `pg_database.datlocprovider` */
const PROVIDERS: ReadonlyMap<string, PostgresqlLocale['provider']> = new Map([
  ['c', 'libc'],
  ['i', 'icu'],
  ['b', 'builtin'],
]);

const localeRow = z.object({
  encoding: z.string(),
  collate: z.string(),
  characterType: z.string(),
  provider: z.string(),
  name: z.string().nullable(),
  rules: z.string().nullable(),
  version: z.string().nullable(),
});

/** The locale of the session's database. @throws LcbError `database.localeUnsupported` */
export async function readLocale(session: Session, serverMajor: number): Promise<PostgresqlLocale> {
  const columns = localeColumns(serverMajor);
  const row = await session.one(
    localeRow,
    `SELECT pg_encoding_to_char(encoding) AS encoding,
       datcollate::text AS collate, datctype::text AS "characterType",
       ${columns.provider} AS provider, ${columns.name} AS name, ${columns.rules} AS rules, ${columns.version} AS version
     FROM pg_database WHERE datname = current_database()`,
  );
  const provider = PROVIDERS.get(row.provider);
  if (provider === undefined) {
    throw new LcbError({
      code: 'database.localeUnsupported',
      message: `The database's locale comes from a provider that PostgreSQL calls ${JSON.stringify(row.provider)} and this version does not know. Use a newer version.`,
    });
  }
  const known = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return postgresqlLocaleSchema.parse({ ...known, provider });
}

/** Where a major keeps what: until 14 the C library is the only provider; the name of the locale moved in 17. */
function localeColumns(major: number) {
  const none = 'NULL::text';
  return {
    provider: major >= 15 ? 'datlocprovider::text' : `'c'`,
    name: major >= 17 ? 'datlocale::text' : major >= 15 ? 'daticulocale::text' : none,
    rules: major >= 16 ? 'daticurules::text' : none,
    version: major >= 15 ? 'datcollversion::text' : none,
  };
}
