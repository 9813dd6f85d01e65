import { z } from 'zod';
import type { Session } from '../connection/session.ts';

/** What somebody else's SQL could do with a connection's user. */
export interface Rights {
  readonly createsUsers: boolean;
  /** It has nothing but this database: no right on the server, on another database, or by a role. */
  readonly isHarmless: boolean;
}

/** @param database of the session's endpoint. */
export async function readRights(session: Session, database: string): Promise<Rights> {
  const rows = await session.query(z.record(z.string(), z.string()), 'SHOW GRANTS');
  const grants = rows.flatMap((row) => Object.values(row));
  const createsUsers = grants.some((grant) =>
    /^GRANT (?:ALL PRIVILEGES|.*\bCREATE USER\b).* ON \*\.\* TO /.test(grant),
  );
  const own = `ON \`${escapePattern(database)}\`.* TO `;
  const plain = `ON \`${database}\`.* TO `;
  const isHarmless = grants.every((grant) => {
    if (/^GRANT USAGE ON \*\.\* TO /.test(grant)) return true;
    return (grant.includes(own) || grant.includes(plain)) && !grant.endsWith('WITH GRANT OPTION');
  });
  return { createsUsers, isHarmless };
}

/** A name as rights on databases are granted: `_` and `%` stand for others unless escaped. */
export function escapePattern(database: string): string {
  return database.replaceAll(/[_%\\]/g, '\\$&').replaceAll('`', '``');
}
