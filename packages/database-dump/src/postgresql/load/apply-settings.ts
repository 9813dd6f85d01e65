import type { DatabaseLoad, DatabaseSetting, SettingLeftOutReason } from '@lcb/core';
import { splitIdentifiers } from '../catalog/identifier-list.ts';
import { quoteIdentifier, quoteLiteral } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';

/**
 * Settings that name what the source's server has beside the database: its roles, tablespaces and libraries. Elsewhere
 * they would change the owner of what is restored, or close the database to every session (a library that is missing).
 */
const OF_SERVER: ReadonlySet<string> = new Set([
  'default_tablespace',
  'dynamic_library_path',
  'local_preload_libraries',
  'role',
  'session_authorization',
  'session_preload_libraries',
  'temp_tablespaces',
]);

/**
 * The one setting left whose text is a list of identifiers: given as one literal it would become one identifier. PostgreSQL
 * has five more of the kind (`GUC_LIST_QUOTE`), all of the server, and extensions may not define any.
 */
const LIST = 'search_path';

/**
 * How a server refuses a setting: insufficient_privilege, undefined_object, invalid_parameter_value, invalid_name,
 * cant_change_runtime_param.
 */
const REASONS: ReadonlyMap<string, SettingLeftOutReason> = new Map([
  ['42501', 'notPermitted'],
  ['42704', 'unknown'],
  ['22023', 'invalid'],
  ['42602', 'invalid'],
  ['55P02', 'invalid'],
]);

/**
 * Gives a database the settings that the backup's had. One that can't be given does not fail the restore, as that would
 * leave people without their data for the sake of, say, a log setting that only a superuser may change.
 *
 * @param maintenance a session as the database's owner, in any database of the server.
 * @returns the ones left out.
 */
export async function applySettings(
  maintenance: Session,
  database: string,
  settings: readonly DatabaseSetting[],
): Promise<DatabaseLoad['settingsLeftOut']> {
  const leftOut: DatabaseLoad['settingsLeftOut'] = [];
  for (const setting of settings) {
    const reason = await applySetting(maintenance, database, setting);
    if (reason !== undefined) leftOut.push({ name: setting.name, reason });
  }
  return leftOut;
}

async function applySetting(
  maintenance: Session,
  database: string,
  setting: DatabaseSetting,
): Promise<SettingLeftOutReason | undefined> {
  if (OF_SERVER.has(setting.name.toLowerCase())) return 'ofServer';
  const refused = await maintenance.runUnlessRefused(setStatement(database, setting), [...REASONS.keys()]);
  return refused && REASONS.get(refused.state);
}

/** `ALTER DATABASE "db" SET "search_path" TO '$user', 'liferay'` */
function setStatement(database: string, { name, value }: DatabaseSetting): string {
  const list = name.toLowerCase() === LIST ? splitIdentifiers(value) : undefined;
  // An empty list can't be written; one empty name, which no schema has, means the same.
  const values = list === undefined ? [value] : list.length === 0 ? [''] : list;
  return `ALTER DATABASE ${quoteIdentifier(database)} SET ${quoteIdentifier(name)} TO ${values.map(quoteLiteral).join(', ')}`;
}
