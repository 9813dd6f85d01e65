import { type RunRequest, runRequestSchema } from '@lcb/core';
import { backupRequest, type PlacedEnvironment, restoreRequest } from '../support/local-fixture.ts';

type MeasuredUnit = 'database' | 'documentLibrary';

/** A backup of one unit alone, so that its time and memory are not mixed with another's. */
export function backupOf(
  unit: MeasuredUnit,
  source: PlacedEnvironment,
  mode: 'full' | 'incremental',
): RunRequest {
  return runRequestSchema.parse({ ...backupRequest(source, { mode }), units: [unit] });
}

export function restoreOf(
  unit: MeasuredUnit,
  source: PlacedEnvironment,
  backupId: string,
  target: PlacedEnvironment,
): RunRequest {
  return runRequestSchema.parse({ ...restoreRequest(source, backupId, target), units: [unit] });
}
