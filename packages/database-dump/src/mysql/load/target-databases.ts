import { type DatabaseDump, InvalidRequestError, LcbError, type MysqlLocale } from '@lcb/core';
import { isSystemDatabase } from '../catalog/databases.ts';
import { quoteIdentifier } from '../catalog/quote.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import type { Session } from '../connection/session.ts';
import type { DatabaseNames } from '../scanner/database-names.ts';

/** Longest name of a database, in characters. */
const LONGEST_NAME = 64;

/**
 * The databases that a restore writes, by their names at the source: the URL's takes the place of the dump's own. Those of
 * virtual instances keep their names beside one of the same name, and are else `{target}_{name}`, so that a copy on the
 * same server never meets its source.
 */
export function targetNames({ database, schemas }: DatabaseDump, endpoint: Endpoint): DatabaseNames {
  const target = endpoint.database;
  const names = new Map(
    schemas.map((schema) => {
      if (schema === database) return [schema, target] as const;
      return [schema, target === database ? schema : `${target}_${schema}`] as const;
    }),
  );
  for (const name of names.values()) {
    if (isSystemDatabase(name))
      throw new InvalidRequestError(
        `${name} is the server's own database. Name another one to restore into.`,
      );
    if ([...name].length <= LONGEST_NAME) continue;
    throw new InvalidRequestError(
      `The database ${name} of the restore would have more than ${LONGEST_NAME} characters. Restore into one with a shorter name.`,
    );
  }
  return names;
}

const LOCALE_REFUSED = ['ER_UNKNOWN_CHARACTER_SET', 'ER_UNKNOWN_COLLATION', 'ER_COLLATION_CHARSET_MISMATCH'];

/**
 * Creates a database with the character set and collation of the dump's, or gives them to one that is there.
 *
 * @throws LcbError `database.localeMissing`
 */
export async function createDatabase(session: Session, name: string, locale: MysqlLocale): Promise<void> {
  const quoted = quoteIdentifier(name);
  const options = `CHARACTER SET ${quoteIdentifier(locale.characterSet)} COLLATE ${quoteIdentifier(locale.collation)}`;
  for (const statement of [
    `CREATE DATABASE IF NOT EXISTS ${quoted} ${options}`,
    `ALTER DATABASE ${quoted} ${options}`,
  ]) {
    const refused = await session.runUnlessRefused(statement, LOCALE_REFUSED);
    if (!refused) continue;
    throw new LcbError({
      code: 'database.localeMissing',
      message: `The backup's database has the character set ${locale.characterSet} with the collation ${locale.collation}, which the server does not know: ${refused.message} Restore to a server of the same kind, at least as new.`,
      cause: refused,
    });
  }
}

export async function dropDatabase(session: Session, name: string): Promise<void> {
  await session.run(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
}
