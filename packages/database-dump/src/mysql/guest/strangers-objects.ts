import { z } from 'zod';
import { countColumn, type Session } from '../connection/session.ts';
import { readMarks } from '../load/mark.ts';

/** What runs in a database, and where the server lists it. The rest a stranger may have written, too, but it does nothing. */
const DEFINED = [
  ['views', 'table_schema'],
  ['triggers', 'trigger_schema'],
  ['routines', 'routine_schema'],
  ['events', 'event_schema'],
] as const;

/** Did strangers' SQL ever run in one of these databases? By their marks, or since the guest of a load has defined something. */
export async function areOfStrangers(session: Session, schemas: readonly string[]): Promise<boolean> {
  const marks = await readMarks(session);
  if (schemas.some((schema) => marks.get(schema)?.isOfStrangers === true)) return true;
  return await isDefinedBy(session, schemas, 'lcb\\_import\\_________________@%');
}

/** Has this guest defined something in the database? */
export async function holdsObjectsOf(session: Session, schema: string, guest: string): Promise<boolean> {
  return await isDefinedBy(session, [schema], `${guest.replaceAll('_', '\\_')}@%`);
}

async function isDefinedBy(session: Session, schemas: readonly string[], definer: string): Promise<boolean> {
  const counts = DEFINED.map(
    ([kind, schema]) =>
      `(SELECT COUNT(*) FROM information_schema.${kind} WHERE ${schema} IN (?) AND definer LIKE ?)`,
  );
  const { made } = await session.one(
    z.object({ made: countColumn }),
    `SELECT ${counts.join(' + ')} AS made`,
    DEFINED.flatMap(() => [schemas, definer]),
  );
  return made > 0;
}
