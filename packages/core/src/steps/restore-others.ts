import { readIndex } from '../library/base.ts';
import { isGeneratedFile } from '../library/generated-files.ts';
import { mapOrdered } from '../library/map-ordered.ts';
import { joinSorted, strictlySorted } from '../library/merge-sorted.ts';
import { isHeld } from '../library/safety-index.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { ObjectRef } from '../ports/object-store.ts';
import type { RestorePlan } from '../repository/restore-plan.ts';
import { libraryOf } from './restore-places.ts';
import { safetyIndexOf } from './restore-safety.ts';
import { askedRows, lacksGeneratedFiles, readRestorePlan } from './restore-selection.ts';
import { openSource, type RestoreInput, type RestoreSource } from './restore-source.ts';
import type { StepContext } from './step-context.ts';

/** Requests at once that ask whether an object is there. */
const headsAtOnce = 16;

interface Examined {
  readonly key: string;
  readonly isToGo: boolean;
}

/**
 * Which objects of the target do not belong there afterwards. Only where all of a library takes the place of another: a
 * part of it leaves the rest alone, and so does the way back, which only takes out what the restore brought in. Generated
 * files that the backup lacks stay where the database, whose rows point at them, is not restored with it.
 */
export function othersOf(source: RestoreSource, input: RestoreInput): (key: string) => boolean {
  const { mode, selection, units } = source.restore.request;
  if (mode !== 'inPlace' || selection !== undefined || input.rollback) return () => false;
  const keepsGenerated = !units.includes('database') && lacksGeneratedFiles(source, input);
  return (key) => !(keepsGenerated && isGeneratedFile(key));
}

/**
 * Removes what the target holds and the restored library does not; on the way back, what the restore brought in. It looks at
 * what is there now, from a key on, so it may be cut off and called again. What nobody else holds stays: with a safety
 * backup, an object that came after it is left for the validation to find.
 */
export async function removeOthers(
  input: RestoreInput & { readonly plan: Artefact; readonly after: string },
  context: StepContext,
): Promise<{ removed: number; after: string | null }> {
  const source = await openSource(input, context);
  if (source.restore.request.mode !== 'inPlace') return { removed: 0, after: null };
  const plan = await readRestorePlan(source, input.plan, context);
  const examined = input.rollback
    ? broughtIn(source, input, plan, context)
    : strangers(source, input, plan, context);
  let removed = 0;
  let last: string | undefined;
  let after: string | null = null;
  async function* others(): AsyncGenerator<ObjectRef> {
    for await (const { key, isToGo } of examined) {
      context.signal.throwIfAborted();
      if (last !== undefined && context.isTimeOver()) {
        after = last;
        return;
      }
      last = key;
      if (!isToGo) continue;
      removed += 1;
      // Without a version: where the target keeps versions, the old ones stay.
      yield { key };
    }
  }
  await context.provider.objectStore(libraryOf(source.restore)).deleteMany(others());
  return { removed, after };
}

/** Everything in the target from a key on, and whether it is a stranger there. */
async function* strangers(
  source: RestoreSource,
  input: RestoreInput & { readonly after: string },
  plan: RestorePlan,
  context: StepContext,
): AsyncGenerator<Examined> {
  const isOther = othersOf(source, input);
  const { after } = input;
  const target = context.provider.objectStore(libraryOf(source.restore));
  const listing = strictlySorted(
    `the listing of ${target.location}`,
    target.list(after === '' ? {} : { startAfter: after }),
  );
  const safety = await safetyIndexOf(source, input, context, after);
  const rows = await askedRows(source, plan.selection, context, after);
  for await (const { key, left, right: held } of joinSorted(joinSorted(rows, listing), safety.rows)) {
    if (left?.right === undefined) continue;
    const isToGo = left.left === undefined && isOther(key) && isHeld(left.right, held, safety);
    yield { key, isToGo };
  }
}

/**
 * What the restore was about to write and the safety backup does not have. Generated files may have been there before where
 * the environment's backups leave them out: those stay.
 */
async function* broughtIn(
  safety: RestoreSource,
  input: RestoreInput & { readonly after: string },
  plan: RestorePlan,
  context: StepContext,
): AsyncGenerator<Examined> {
  const { backup, manifest } = safety;
  const asked = await openSource({ ...input, rollback: false }, context);
  const target = context.provider.objectStore(libraryOf(safety.restore));
  const store = context.provider.objectStore(backup.location);
  const keepsGenerated = lacksGeneratedFiles(safety, input);
  const rows = joinSorted(
    await askedRows(asked, plan.selection, context, input.after),
    readIndex(store, backup, manifest, input.after),
  );
  yield* mapOrdered(rows, headsAtOnce, async ({ key, left, right }) => {
    const mayGo = left !== undefined && right === undefined && !(keepsGenerated && isGeneratedFile(key));
    return { key, isToGo: mayGo && (await target.head(key)) !== undefined };
  });
}
