import { databaseSelectionSchema, type Environment, LcbError, type Unit } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local/settings';
import type { CommandContext } from '../cli/command-context.ts';
import { openProvider } from '../service/open-service.ts';

/**
 * Finds a wrong configuration (a secret that is not there, a folder or a database that does not exist) before anything is
 * recorded. What may pass by itself, such as a server that does not answer, is left to the run, which tries again.
 */
export async function refuseUnready(
  context: CommandContext,
  settings: LocalSettings,
  { database, documentLibrary }: Environment,
  units: readonly Unit[],
): Promise<void> {
  const { provider } = await openProvider(context, settings);
  try {
    if (database !== undefined && units.includes('database'))
      await provider.inspectDatabase(database, databaseSelectionSchema.parse(database));
    if (documentLibrary !== undefined && units.includes('documentLibrary')) {
      await provider.objectStore(documentLibrary.location).probe();
    }
  } catch (error) {
    if (!LcbError.isInstance(error) || !error.retryable) throw error;
  }
}
