import type { DatabaseLoad } from '@lcb/core';
import type { ExpectedTables } from '../../counts/compare-tables.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import { withSession } from '../connection/session.ts';
import { joinStrangers } from '../guest/strangers-objects.ts';
import { renewLogin, withGuest } from '../guest/with-guest.ts';
import { assertOwnRights } from '../import/assert-own-rights.ts';
import { loadItems } from '../import/load-items.ts';
import { countLoaded } from './count-loaded.ts';

export interface GuestLoad {
  /** The dump's SQL; undefined where it has been loaded before, and is only counted. */
  readonly source: AsyncIterable<Uint8Array> | undefined;
  /** Of the dump, for messages. */
  readonly name: string;
  readonly expected: ExpectedTables;
  readonly signal: AbortSignal;
}

/**
 * Loads and counts what a stranger wrote. Counting is the guest's as well: a query has the server compute constant parts of a
 * table's index conditions and checks, with the rights of whoever asks.
 */
export async function loadAsGuest(
  endpoint: Endpoint,
  { source, name, expected, signal }: GuestLoad,
): Promise<Omit<DatabaseLoad, 'settingsLeftOut'>> {
  return await withGuest(endpoint, {
    invite: joinStrangers,
    work: async (login, guest) => {
      if (source !== undefined) {
        await withSession(login, (session) => loadItems({ source, name }, session), { signal });
        if (guest !== undefined) {
          await withSession(endpoint, async (admin) => {
            await assertOwnRights(admin, guest, name);
            // Not counted in the session of the load: what the dump has set and made there could answer for the server.
            await renewLogin(admin, guest);
          });
        }
      }
      return await countLoaded(login, expected, signal);
    },
  });
}
