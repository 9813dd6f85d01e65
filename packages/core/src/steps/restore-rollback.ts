import type { Unit } from '../model/unit.ts';
import type { RestoreInput } from './restore-source.ts';
import { loadRestore, projectOf, type StepContext } from './step-context.ts';

/** Ends what still writes, and says what was begun to be written: no more than that has to go back. */
export async function planRollback(input: RestoreInput, context: StepContext): Promise<{ units: Unit[] }> {
  await context.provider.stopOperations(input.runId);
  const { result, request } = await loadRestore(context, input);
  const written = result?.written ?? [];
  return { units: request.units.filter((unit) => written.includes(unit)) };
}

/** To be said before the first byte of a unit is written over. Safe to repeat. */
export async function recordWriting(input: RestoreInput, unit: Unit, context: StepContext): Promise<void> {
  if (input.rollback) return;
  const { result } = await loadRestore(context, input);
  const written = result?.written ?? [];
  if (written.includes(unit)) return;
  await projectOf(context, input).addResult(context.lease, { written: [...written, unit] });
}
