import { type Environment, environmentPrefix, environmentRef } from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';

/** Declared environments in whose locations something lies below `backups/`, by one look each. */
export async function withBackups(
  { provider }: LocalProvider,
  environments: readonly Environment[],
): Promise<Environment[]> {
  const found: Environment[] = [];
  for (const environment of environments) {
    const prefix = `${environmentPrefix(environmentRef(environment))}backups/`;
    for await (const _info of provider
      .objectStore(environment.backups.location)
      .list({ prefix, atMost: 1 })) {
      found.push(environment);
      break;
    }
  }
  return found;
}

/** Before a first key is made: what lies there already was signed by another one. `undefined` where nothing does. */
export async function foreignKeyWarning(
  local: LocalProvider,
  environments: readonly Environment[],
): Promise<string | undefined> {
  if ((await local.trustedKeys()).length > 0) return undefined;
  const [first] = await withBackups(local, environments);
  if (first === undefined) return undefined;
  return `There are backups in ${first.backups.location} already, signed by a key that is not here. A new key is made, and those backups will not be trusted: if they are yours, put the keys of the installation that made them into the state directory first.`;
}
