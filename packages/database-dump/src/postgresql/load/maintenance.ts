import { LcbError } from '@lcb/core';
import { type Endpoint, withDatabase } from '../connection/endpoint.ts';
import { Session } from '../connection/session.ts';

/** Databases that every server has, from which others are created and dropped. */
const FIRST = 'postgres';
const FALLBACK = 'template1';

/** Work in a session beside the database in question. */
export async function withMaintenance<T>(
  endpoint: Endpoint,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openMaintenance(endpoint);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function openMaintenance(endpoint: Endpoint): Promise<Session> {
  try {
    return await Session.open(withDatabase(endpoint, FIRST));
  } catch (error) {
    // Managed servers may have it renamed, dropped or closed for this user.
    const elsewhere =
      LcbError.isInstance(error) && ['database.notFound', 'database.permission'].includes(error.code);
    if (!elsewhere) throw error;
    return await Session.open(withDatabase(endpoint, FALLBACK));
  }
}
