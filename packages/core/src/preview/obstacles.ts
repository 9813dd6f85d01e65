import { InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { RunKind } from '../model/ids.ts';
import { isFinal, stateSchema } from '../model/state.ts';
import type { ReadServices } from '../steps/step-context.ts';

/** Makes every look, and answers with the sentence of each that says no. What is no answer of ours is thrown. */
export async function obstacles(looks: readonly (() => Promise<void> | void)[]): Promise<string[]> {
  const found: string[] = [];
  for (const look of looks) {
    try {
      await look();
    } catch (error) {
      if (!LcbError.isInstance(error)) throw error;
      found.push(error.message);
    }
  }
  return found;
}

/** A backup and a restore of one environment never run side by side, and neither is queued behind the other. */
export async function refuseBusy(
  { catalog }: Pick<ReadServices, 'catalog'>,
  kind: 'backup' | 'restore',
  { projectId, environment }: { readonly projectId: string; readonly environment: string },
): Promise<void> {
  const rival: RunKind = kind === 'backup' ? 'restore' : 'backup';
  const states = stateSchema.options.filter((state) => !isFinal(state));
  const { runs } = await catalog.forProject(projectId).runs({ kind: rival, environment, states, limit: 1 });
  const [other] = runs;
  if (other === undefined) return;
  throw new InvalidRequestError(
    `The ${rival} ${other.runId} is ${other.state} in ${projectId}/${environment}; a ${kind} can be requested when it is over.`,
  );
}
