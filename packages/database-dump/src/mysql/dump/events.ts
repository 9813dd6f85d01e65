import { z } from 'zod';
import { quoteIdentifier } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';

/**
 * The databases that have scheduled events.
 *
 * @throws LcbError `database.permission`: without the right to see events they would be missing in the backup, silently.
 */
export async function schemasWithEvents(session: Session, schemas: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const schema of schemas) {
    const events = await session.query(z.unknown(), `SHOW EVENTS IN ${quoteIdentifier(schema)}`);
    if (events.length > 0) found.push(schema);
  }
  return found;
}
