import { expect, it } from 'vitest';
import { copyShards } from './copy-shards.ts';
import { stepTable } from './step-table.ts';

const run = { runId: 'retail-prd-backup-20251109-143000', projectId: 'retail', attempt: 1 };
const progress = { objects: 1, bytes: 1, copiedObjects: 1, copiedBytes: 1 };

it('works on as many shards side by side as the plan says, until none hands on a cursor', () => {
  const work = copyShards(stepTable.backupLibraryCopy, { shards: 3, shardsAtOnce: 5 }, (place) => ({
    ...run,
    ...place,
  }));
  expect(work.next().value).toMatchObject({
    kind: 'all',
    concurrency: 5,
    steps: [0, 1, 2].map((shard) => ({ input: { shard, shards: 3, cursor: 0 } })),
  });
  const second = work.next([null, 7, null].map((cursor) => ({ ...progress, cursor })));
  expect(second.value).toMatchObject({ concurrency: 5, steps: [{ input: { shard: 1, cursor: 7 } }] });
  expect(work.next([{ ...progress, cursor: null }]).done).toBe(true);
});

it.each([
  [stepTable.backupLibraryPlan, { shards: 1 }],
  [stepTable.copyPlan, { artefacts: 1, parts: 1 }],
])('takes a plan that was journalled before it said how many for two', ({ output }, journalled) => {
  expect(output.parse(journalled)).toEqual({ ...journalled, shardsAtOnce: 2 });
});
