/** A run that could begin now: its environment is free, and nothing older waits for that environment. */
export interface Candidate {
  readonly runId: string;
  readonly projectId: string;
  /** Lower is older. */
  readonly queuePosition: number;
}

export interface Places {
  readonly total: number;
  readonly perProject: number;
}

/**
 * Which runs get the free places, in the order in which they get them: the project with the fewest running goes first,
 * among those the one whose request is oldest. A project that asks for a hundred backups thus delays nobody else's.
 * @param running how many runs each project has at work
 */
export function fairOrder<C extends Candidate>(
  candidates: readonly C[],
  running: ReadonlyMap<string, number>,
  places: Places,
): readonly C[] {
  const waiting = Map.groupBy(
    candidates.toSorted((a, b) => a.queuePosition - b.queuePosition),
    ({ projectId }) => projectId,
  );
  const counts = new Map(running);
  const chosen: C[] = [];
  let free = places.total - counts.values().reduce((sum, count) => sum + count, 0);
  while (free > 0) {
    const next = mostDeserving(waiting, counts, places.perProject);
    if (next === undefined) break;
    chosen.push(next);
    waiting.get(next.projectId)?.shift();
    counts.set(next.projectId, (counts.get(next.projectId) ?? 0) + 1);
    free -= 1;
  }
  return chosen;
}

function mostDeserving<C extends Candidate>(
  waiting: ReadonlyMap<string, readonly C[]>,
  counts: ReadonlyMap<string, number>,
  perProject: number,
): C | undefined {
  let best: { readonly candidate: C; readonly running: number } | undefined;
  for (const [projectId, [candidate]] of waiting) {
    const running = counts.get(projectId) ?? 0;
    if (candidate === undefined || running >= perProject) continue;
    const better =
      best === undefined ||
      running < best.running ||
      (running === best.running && candidate.queuePosition < best.candidate.queuePosition);
    if (better) best = { candidate, running };
  }
  return best?.candidate;
}
