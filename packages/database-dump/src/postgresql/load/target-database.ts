import { type DatabaseDump, LcbError } from '@lcb/core';
import { readServerVersion } from '../catalog/database-facts.ts';
import { quoteIdentifier, quoteLiteral } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';
import { type Mark, markText } from './mark.ts';

/** From this major on a cluster may have another locale provider than the C library by default. */
const LOCALE_PROVIDERS_SINCE = 15;

/**
 * Creates the database as the dump's was. Not in one transaction with the mark that follows: a crash in between leaves a
 * database that is empty and nobody's, and such a one may be used.
 *
 * @throws LcbError `database.localeMissing`
 */
export async function createDatabase(maintenance: Session, name: string, dump: DatabaseDump): Promise<void> {
  const { major } = await readServerVersion(maintenance);
  const provider = major >= LOCALE_PROVIDERS_SINCE ? 'LOCALE_PROVIDER libc' : '';
  try {
    await maintenance.run(
      `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0 ENCODING ${quoteLiteral(dump.encoding)} ${provider}
       LC_COLLATE ${quoteLiteral(dump.collation)} LC_CTYPE ${quoteLiteral(dump.characterType)}`,
    );
  } catch (error) {
    const isLocale =
      LcbError.isInstance(error) && /invalid (?:LC_\w+ )?locale|does not match locale/i.test(error.message);
    if (!isLocale) throw error;
    throw new LcbError({
      code: 'database.localeMissing',
      message: `The server can't create a database with encoding ${dump.encoding}, LC_COLLATE ${JSON.stringify(dump.collation)} and LC_CTYPE ${JSON.stringify(dump.characterType)}, which the backup's had. Install that locale on the server and restart it, or create the empty database ${JSON.stringify(name)} yourself with a locale of your choice: it will be used.`,
      cause: error,
    });
  }
}

/** Any database: another's is marked only after it was found empty. */
export async function writeMark(maintenance: Session, name: string, mark: Mark): Promise<void> {
  await maintenance.run(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(markText(mark))}`);
}

/** Ends the other sessions of the database, such as a killed psql's, and drops it. */
export async function dropDatabase(maintenance: Session, name: string): Promise<void> {
  await maintenance.run(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
}
