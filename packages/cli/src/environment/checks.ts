import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import {
  type BackupProvider,
  databaseSelectionSchema,
  describeLayout,
  type Environment,
  environmentPrefix,
  environmentRef,
  IntegrityError,
  type ObjectStore,
  PreconditionFailedError,
  refuseNestedLibrary,
  removeFolder,
  UnsupportedError,
} from '@lcb/core';
import { formatBytes, plural } from '../output/format.ts';

/** One thing that a backup of the environment needs. */
export interface EnvironmentCheck {
  readonly name: 'database' | 'library' | 'backups';
  /** What was found, as a person reads it; throws what is wrong. */
  readonly look: () => Promise<string>;
}

/** Everything that has to be in order before a backup can be made. None of it changes the environment. */
export function checksOf(provider: BackupProvider, environment: Environment): EnvironmentCheck[] {
  const { database, documentLibrary, backups } = environment;
  const checks: EnvironmentCheck[] = [];
  if (database !== undefined) {
    checks.push({
      name: 'database',
      async look() {
        const facts = await provider.inspectDatabase(database, databaseSelectionSchema.parse(database));
        const others = facts.schemas.length - 1;
        const beside =
          database.engine === 'mysql' && others > 0 ? ` and ${plural(others, 'database')} beside it` : '';
        const found = `${facts.database}${beside} on ${database.engine} ${facts.serverVersion}: ${plural(facts.tables, 'table')}, ${formatBytes(facts.bytes)}`;
        return [found, ...facts.warnings].join('. ');
      },
    });
  }
  if (documentLibrary !== undefined) {
    checks.push({ name: 'library', look: () => lookAtLibrary(provider, documentLibrary.location) });
  }
  checks.push({ name: 'backups', look: () => tryToWrite(provider, environment, backups.location) });
  return checks;
}

async function lookAtLibrary(provider: BackupProvider, location: string): Promise<string> {
  const store = provider.objectStore(location);
  await store.probe();
  const problem = describeLayout(location, await refuseNestedLibrary(store));
  if (problem !== undefined) return problem;
  for await (const { key } of store.list()) return `${location}, from ${key} on`;
  return `${location} is empty`;
}

/** Writes, reads and removes an object of its own beside the backups, where none of theirs can be. */
async function tryToWrite(
  provider: BackupProvider,
  environment: Environment,
  location: string,
): Promise<string> {
  const store = provider.objectStore(location);
  const key = `${environmentPrefix(environmentRef(environment))}check-${randomUUID()}`;
  const written = Buffer.from(key);
  let isCaseBlind = false;
  await store.put(key, written, { ifNoneMatch: '*' });
  try {
    await refuseOverwriting(store, key);
    isCaseBlind = (await store.head(key.toUpperCase())) !== undefined;
    const { body } = await store.get(key);
    if (!written.equals(await buffer(body)))
      throw new IntegrityError(`${location} gives back other bytes than were written.`);
  } finally {
    await removeFolder(store, key);
  }
  const warning =
    '; upper and lower case are not told apart there, so two keys that differ only in that would be one';
  return `${location} can be written${isCaseBlind ? warning : ''}`;
}

/** A manifest is written once and never replaced: a server that does not know the condition would do it without a word. */
async function refuseOverwriting(store: ObjectStore, key: string): Promise<void> {
  try {
    await store.put(key, Buffer.from('another'), { ifNoneMatch: '*' });
  } catch (error) {
    if (error instanceof PreconditionFailedError) return;
    throw error;
  }
  throw new UnsupportedError(
    `The server of ${store.location} does not know conditional writes (If-None-Match): it would replace a sealed backup. Use a server that does.`,
  );
}
