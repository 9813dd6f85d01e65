import type { Session } from './session.ts';

/**
 * Reads in a transaction and gives back the locks on definitions that reading took, as `mysqldump` does. Otherwise whoever wants to change a
 * table that was read waits until the transaction has ended, and whoever wants to read it meanwhile waits behind him.
 */
export async function inSavepoint<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.run('SAVEPOINT lcb');
  const result = await work();
  await session.run('ROLLBACK TO SAVEPOINT lcb');
  return result;
}
