import { listDatabases } from '../catalog/databases.ts';
import type { Session } from '../connection/session.ts';
import { holdsObjectsOf } from '../guest/strangers-objects.ts';
import { dropGuest, guestName } from '../guest/with-guest.ts';
import { isEmpty } from './empty-database.ts';
import { readMarks } from './mark.ts';
import { dropDatabase } from './target-databases.ts';

/**
 * Drops a database of a name that only one run takes, and those of virtual instances beside it, where they carry no mark: the
 * load was killed before it came to mark them, or what a stranger wrote there has removed it.
 */
export async function dropUnmarked(session: Session, database: string): Promise<void> {
  const marks = await readMarks(session);
  for (const { name } of await listDatabases(session)) {
    const isNamedSo = name === database || name.startsWith(`${database}_`);
    if (!isNamedSo || marks.get(name)?.runId !== undefined) continue;
    const isOurs = (await isEmpty(session, name)) || (await holdsObjectsOf(session, name, guestName(name)));
    if (!isOurs) continue;
    await dropDatabase(session, name);
    await dropGuest(session, name);
  }
  await dropGuest(session, database);
}
