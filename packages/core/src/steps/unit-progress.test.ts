import { describe, expect, it } from 'vitest';
import type { UnitStatus } from '../model/unit.ts';
import { backupRun } from '../testing/backup-run.ts';
import { run } from '../testing/scripted-run.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { unitProgress } from './unit-progress.ts';

/** A clock that only the test moves on. */
function world(expectedBytes: number, place = { shard: 0, shards: 1 }) {
  const told: Partial<UnitStatus>[] = [];
  const state = { milliseconds: 0, cancelled: false, progress: 0 };
  const catalog = stubCatalog({
    project: {
      run: async () =>
        backupRun({
          cancelRequested: state.cancelled,
          status: { documentLibrary: { state: 'InProgress', progress: state.progress } },
        }),
      setUnit: async (_lease, _unit, status) => {
        told.push(status);
        state.progress = status.progress ?? 0;
      },
    },
  });
  const clock = { now: () => new Date(state.milliseconds).toISOString() };
  const report = unitProgress(stepContext({ catalog, clock }), run, 'documentLibrary', expectedBytes, place);
  return { told, state, report };
}

describe('the progress of a unit', () => {
  it('is told at most once a second, and never as the end', async () => {
    const { told, state, report } = world(100);
    for (let step = 0; step < 50; step += 1) {
      state.milliseconds += 100;
      await report({ objects: 1, bytes: 4 });
    }
    expect(told.map(({ progress }) => progress)).toEqual([40, 80, 99]);
  });

  it('of an empty library divides by nothing', async () => {
    const { told, state, report } = world(0);
    state.milliseconds = 1000;
    await report({ objects: 1, bytes: 0 });
    expect(told).toEqual([]);
  });

  it('of one shard of several is its part of the whole, and never less than was told before', async () => {
    const { told, state, report } = world(400, { shard: 2, shards: 4 });
    state.milliseconds = 1000;
    await report({ objects: 1, bytes: 50 });
    state.progress = 90;
    state.milliseconds = 2000;
    await report({ objects: 1, bytes: 25 });
    expect(told).toEqual([{ progress: 62 }]);
  });

  it('is where long copying learns that it was cancelled', async () => {
    const { told, state, report } = world(100);
    state.cancelled = true;
    await report({ objects: 1, bytes: 1 });
    state.milliseconds = 1000;
    await expect(report({ objects: 1, bytes: 1 })).rejects.toMatchObject({ code: 'run.cancelled' });
    expect(told).toEqual([]);
  });
});
