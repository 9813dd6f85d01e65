import { LcbError, type PostgresqlLocale } from '@lcb/core';
import { quoteIdentifier, quoteLiteral } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';
import { type Mark, markText } from '../mark/mark.ts';
import { describeLocale, localeOptions } from './locale-options.ts';

/**
 * How `CREATE DATABASE` refuses a locale: wrong_object_type, invalid_parameter_value, feature_not_supported (a server built
 * without ICU), and internal_error, which 16 and 17 have for locales that ICU does not know.
 */
const LOCALE_REFUSED = ['42809', '22023', '0A000', 'XX000'];

/**
 * Creates a database with the locale of the dump's. Not in one transaction with the mark that follows: a crash in between
 * leaves a database that is empty and nobody's, and such a one may be used.
 *
 * @throws LcbError `database.localeMissing`
 */
export async function createDatabase(
  maintenance: Session,
  serverMajor: number,
  name: string,
  locale: PostgresqlLocale,
): Promise<void> {
  // Otherwise a language that the server's ICU does not know sorts by ICU's root rules, with no more than a warning.
  if (locale.provider === 'icu' && serverMajor >= 16)
    await maintenance.run('SET icu_validation_level = error');
  const refused = await maintenance.runUnlessRefused(
    `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0 ${localeOptions(locale, serverMajor)}`,
    LOCALE_REFUSED,
  );
  if (!refused) return;
  throw new LcbError({
    code: 'database.localeMissing',
    message: `The backup's database has ${describeLocale(locale)}, and with that the server does not create one: ${refused.error.message} Install the locale on the server and restart it, or create the empty database ${JSON.stringify(name)} yourself with a locale of your choice: it will be used.`,
    cause: refused.error,
  });
}

/** Any database: another's is marked only after it was found empty. */
export async function writeMark(maintenance: Session, name: string, mark: Mark): Promise<void> {
  await maintenance.run(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(markText(mark))}`);
}

/** Ends the other sessions of the database, such as a killed psql's, and drops it. */
export async function dropDatabase(maintenance: Session, name: string): Promise<void> {
  await maintenance.run(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
}
