import { type DatabaseSetting, databaseSettingSchema } from '@lcb/core';
import type { Session } from '../connection/session.ts';

/**
 * The settings that the session's database gives to everybody. Those that it gives to one role (`ALTER ROLE … IN
 * DATABASE …`) name a role, and roles are the server's: they are left to whoever makes the roles of the target.
 */
export async function readSettings(session: Session): Promise<DatabaseSetting[]> {
  return await session.query(
    databaseSettingSchema,
    `SELECT split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value
     FROM pg_db_role_setting, unnest(setconfig) AS entry
     WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
     ORDER BY convert_to(split_part(entry, '=', 1), 'UTF8')`,
  );
}
