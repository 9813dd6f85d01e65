import type { ObjectStore, TrustedKey } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local/settings';
import type { CommandContext } from '../cli/command-context.ts';
import { locationProblem, locationUrl } from '../config/values.ts';
import { openProvider } from '../service/open-service.ts';
import { UsageError } from '../usage-error.ts';

export interface OpenBackups {
  /** As a URL. */
  readonly location: string;
  readonly store: ObjectStore;
  /** Of this installation, if there is one. */
  readonly trustedKeys: readonly TrustedKey[];
}

/**
 * A backup location that an argument names, by path or URL, declared or not. Through the configuration where there is
 * one, because it says how stores are got into.
 */
export async function openBackups(
  context: CommandContext,
  settings: LocalSettings | undefined,
  given: string,
): Promise<OpenBackups> {
  const { workingDirectory } = context.places;
  const location = urlOf(given, workingDirectory);
  if (settings === undefined) {
    const { openLocation } = await import('@lcb/functions-local');
    const store = openLocation(location, workingDirectory);
    await store.probe();
    return { location, store, trustedKeys: [] };
  }
  const local = await openProvider(context, settings);
  const store = local.provider.objectStore(location);
  await store.probe();
  return { location, store, trustedKeys: await local.trustedKeys() };
}

function urlOf(given: string, workingDirectory: string): string {
  const problem = locationProblem(given);
  if (problem !== undefined) {
    throw new UsageError(`The location ${problem.replace('lcb.yaml', 'this folder')}.`);
  }
  return locationUrl(given, workingDirectory);
}
