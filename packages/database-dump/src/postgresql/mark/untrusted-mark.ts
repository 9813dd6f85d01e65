import { z } from 'zod';
import { quoteIdentifier, quoteLiteral } from '../catalog/quote.ts';
import type { Session } from '../connection/session.ts';
import { asUntrusted, isUntrusted } from './mark.ts';

/** Is the session's database marked as one that holds what a stranger wrote? */
export async function isMarkedUntrusted(session: Session): Promise<boolean> {
  return isUntrusted(await readComment(session));
}

/**
 * Marks the session's database. Where a stranger's SQL runs as a user that owns the database and nothing else, no owner tells
 * what it made from the rest. To be called before, so that a crash can't come between, and after, since the SQL may have
 * changed the mark.
 */
export async function markUntrusted(session: Session): Promise<void> {
  const comment = await readComment(session);
  const marked = asUntrusted(comment);
  if (marked === comment) return;
  const database = quoteIdentifier(session.endpoint.database);
  await session.run(`COMMENT ON DATABASE ${database} IS ${quoteLiteral(marked)}`);
}

async function readComment(session: Session): Promise<string | null> {
  const { comment } = await session.one(
    z.object({ comment: z.string().nullable() }),
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = current_database()`,
  );
  return comment;
}
