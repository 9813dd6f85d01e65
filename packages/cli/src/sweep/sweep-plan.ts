import { LcbError, type Marked, markNow, reclaimable, refuseBlocked, type SweepRequest } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { formatBytes, plural } from '../output/format.ts';
import type { Plan } from '../plan/plan.ts';

/** What `lcb sweep` would remove. Looks at everything that the sweep looks at, and removes nothing. */
export async function sweepPlan(service: LocalService, request: SweepRequest): Promise<Plan> {
  const { projectId, environment, location } = request;
  const plan = {
    title: `Sweep ${projectId}/${environment}`,
    reads: [location],
    writes: [],
    overwrites: [],
    notes: [],
    blockedBy: [],
  };
  let marked: Marked;
  try {
    await refuseBlocked(service.catalog.forProject(projectId));
    marked = await markNow(request, service.clock.now(), service);
  } catch (error) {
    if (!LcbError.isInstance(error) || error.retryable) throw error;
    return { ...plan, blockedBy: [error.message] };
  }
  const store = service.provider.objectStore(location);
  const notes: string[] = [];
  let allBytes = 0;
  for (const dead of marked.dead) {
    let objects = 0;
    let bytes = 0;
    let kept = 0;
    for await (const { size, isNeeded } of reclaimable(store, request, dead)) {
      if (isNeeded) kept += 1;
      else {
        objects += 1;
        bytes += size;
      }
    }
    allBytes += bytes;
    const why = dead.why === 'deleted' ? 'deleted' : 'never sealed';
    const needed = kept === 0 ? '' : `; ${plural(kept, 'object')} stay, which ${names(dead.neededBy)} need`;
    notes.push(
      `${dead.backupId} (${why}): ${plural(objects, 'object')} with ${formatBytes(bytes)} go${needed}.`,
    );
  }
  notes.push(
    marked.dead.length === 0
      ? 'There is nothing to remove.'
      : `Together ${formatBytes(allBytes)} are given back. ${plural(marked.kept.length, 'backup')} stay.`,
  );
  return { ...plan, notes };
}

function names(manifests: Marked['kept']): string {
  const ids = manifests.map(({ backupId }) => backupId);
  return ids.length <= 3 ? ids.join(', ') : `${ids.length} kept backups`;
}
