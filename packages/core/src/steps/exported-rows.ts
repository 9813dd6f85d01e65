import { z } from 'zod';
import type { EnvironmentRef } from '../model/ids.ts';
import { type LibraryRows, libraryRowsSchema } from '../ports/database-engine.ts';
import { readJson, writeJsonArtefact } from '../repository/json-artefact.ts';
import { environmentPrefix, restoreFolder } from '../repository/layout.ts';
import type { StepContext } from './step-context.ts';

/** The run that has loaded a database, and the backup location that it works in. */
interface RowsPlace extends EnvironmentRef {
  readonly runId: string;
  readonly location: string;
}

export const exportedRowsSchema = z.array(libraryRowsSchema);

/** Where the library's rows of the loaded database go, relative to the environment's prefix. */
export function rowsFolder(runId: string, attempt: number): string {
  return `${restoreFolder(runId)}rows-${attempt}/`;
}

/** Keeps the list of what was written where the certificate's step finds it. */
export async function keepRows(
  place: RowsPlace,
  rows: readonly LibraryRows[],
  { provider }: StepContext,
): Promise<void> {
  const store = provider.objectStore(place.location);
  await writeJsonArtefact(store, environmentPrefix(place), rowsPath(place.runId), rows);
}

export async function readRows(place: RowsPlace, { provider }: StepContext): Promise<LibraryRows[]> {
  const store = provider.objectStore(place.location);
  return readJson(store, environmentPrefix(place) + rowsPath(place.runId), exportedRowsSchema);
}

function rowsPath(runId: string): string {
  return `${restoreFolder(runId)}rows.json`;
}
