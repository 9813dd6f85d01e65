import { createHash } from 'node:crypto';

/** Both names come from the database's, so that what a crash left is found again. */
export interface GuestNames {
  /** Logs in for the time of one load, and is dropped afterwards. */
  readonly guest: string;
  /** Can't log in; owns what was loaded where the connection's user has too many rights to own it. */
  readonly owner: string;
}

export function guestNames(database: string): GuestNames {
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 16);
  return { guest: `lcb_import_${hash}`, owner: `lcb_owner_${hash}` };
}

/** Matches either name, for any database. */
export const guestPattern = '^lcb_(import|owner)_[0-9a-f]{16}$';
