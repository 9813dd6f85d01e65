import { IntegrityError } from '../errors/errors.ts';
import { readIndex } from '../library/base.ts';
import { removeFolder, removeLeftovers } from '../library/sweep-attempts.ts';
import type { Copy } from '../model/run.ts';
import { type Unit, unitSchema } from '../model/unit.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { artefactsOf } from '../repository/artefacts.ts';
import { backupPrefix } from '../repository/layout.ts';
import type { Manifest } from '../repository/manifest.ts';
import { findManifest } from '../repository/open-manifest.ts';
import { writeRecord } from '../repository/record.ts';
import type { VerifiedDocument } from '../repository/signed-document.ts';
import type { WorkflowInput } from '../workflow/workflow-input.ts';
import { recordCopy } from './copy-seal.ts';
import { type FinalState, finishRun } from './finish-run.ts';
import { failedAtEnd, isDamage, refusalOf } from './refusal.ts';
import { loadCopy, projectOf, type StepContext } from './step-context.ts';

type Input = WorkflowInput & { readonly outcome: RunOutcome };

/** Ends the copy. One that was not sealed leaves nothing in its location; one that was is good, whatever came after. */
export async function finishCopy(input: Input, context: StepContext): Promise<{ state: FinalState }> {
  const copy = await loadCopy(context, input);
  const { projectId, backup } = copy.request;
  const anchor = { projectId, environment: backup.environment, location: backup.location };
  return finishRun({ run: copy, anchor, settle: () => settleCopy(copy, input, context) }, context);
}

async function settleCopy(copy: Copy, input: Input, context: StepContext): Promise<RunOutcome> {
  await context.provider.stopOperations(copy.runId);
  const outcome = await clear(copy, input, context);
  const project = projectOf(context, copy);
  const completedAt = context.clock.now();
  for (const unit of startedUnits(copy)) {
    await project.setUnit(context.lease, unit, {
      state: outcome.state,
      completedAt,
      ...(outcome.state === 'Failed' ? { error: outcome.error } : {}),
    });
  }
  return outcome;
}

/** Nothing was written before the plan had looked at the place; until then whatever is there is another's. */
function startedUnits({ units }: Copy): readonly Unit[] {
  return unitSchema.options.filter((unit) => units[unit] !== undefined);
}

async function clear(copy: Copy, input: Input, context: StepContext): Promise<RunOutcome> {
  const { projectId, backupId, backup, to } = copy.request;
  const ref = { projectId, environment: backup.environment };
  const store = context.provider.objectStore(to);
  let found: VerifiedDocument<Manifest> | undefined;
  try {
    found = await findManifest(store, ref, backupId, await context.trustedKeys());
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    // Something is there that is not ours. Nothing is removed: somebody has to look at it.
    return { state: 'Failed', error: error.toRecord() };
  }
  if (found?.value.copiedFrom?.copyId === copy.runId) {
    await recordCopy(input, context, found);
    await noteCopy(copy, found, store, context);
    const { value } = found;
    const refusal = await refusalOf(async () => {
      const keep = new Set((await artefactsOf(store, value)).map(({ path }) => path));
      await removeLeftovers(store, ref, backupId, keep, readIndex(store, ref, value));
    }, context);
    if (refusal === undefined || !isDamage(refusal)) return { state: 'Succeeded' };
    const words = `The copy was sealed and is damaged: ${refusal.message} Nothing was removed. lcb verify says what is wrong.`;
    return failedAtEnd({ state: 'Succeeded' }, refusal, words);
  }
  const outcome = input.outcome.state === 'Succeeded' ? manifestGone : input.outcome;
  const isOthers = found !== undefined || startedUnits(copy).length === 0;
  if (isOthers) return outcome;
  const refusal = await refusalOf(() => removeFolder(store, backupPrefix(ref, backupId)), context);
  if (refusal === undefined) return outcome;
  const words = `What the copy has written could not be removed and may be there still: ${refusal.message}`;
  return failedAtEnd(outcome, refusal, words);
}

const manifestGone: RunOutcome = {
  state: 'Failed',
  error: {
    code: 'manifest.missing',
    message: 'The copy was to be complete, but it has no manifest. Look for somebody who removed it.',
    retryable: false,
  },
};

/** No run ends in the location of a copy, so no other record there would speak of the copy that was made last. */
async function noteCopy(
  { runId, request }: Copy,
  { value, sha256 }: VerifiedDocument<Manifest>,
  store: ObjectStore,
  { signer, clock }: StepContext,
): Promise<void> {
  await writeRecord(store, signer, clock, value, `${runId}-copied`, {
    type: 'copied',
    at: value.sealedAt,
    actor: 'service',
    backupId: request.backupId,
    copyId: runId,
    manifestSha256: sha256,
  });
}
