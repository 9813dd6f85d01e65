import type { RunKind } from '../model/ids.ts';
import type { Run } from '../model/run.ts';
import type { ReadServices } from '../steps/step-context.ts';

/** Earlier runs that are looked at. */
const remembered = 5;

/**
 * About how long a run will take, by what the last good runs of its kind in that environment moved in their time: the
 * median of their rates. `undefined` where there were none.
 * @param bytes that it has to move
 */
export async function expectedSeconds(
  { catalog }: Pick<ReadServices, 'catalog'>,
  kind: RunKind,
  { projectId, environment }: { readonly projectId: string; readonly environment: string },
  bytes: number,
): Promise<number | undefined> {
  const { runs } = await catalog
    .forProject(projectId)
    .runs({ kind, environment, states: ['Succeeded'], limit: remembered });
  const rates = runs.flatMap(secondsPerByte).sort((a, b) => a - b);
  const median = rates[Math.floor(rates.length / 2)];
  return median === undefined ? undefined : Math.round(median * bytes * 10) / 10;
}

function secondsPerByte({ startedAt, completedAt, units }: Run): number[] {
  if (startedAt === undefined || completedAt === undefined) return [];
  let bytes = 0;
  for (const unit of Object.values(units)) bytes += unit.bytes ?? 0;
  return bytes === 0 ? [] : [(Date.parse(completedAt) - Date.parse(startedAt)) / 1000 / bytes];
}
