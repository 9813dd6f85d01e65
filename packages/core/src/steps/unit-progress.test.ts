import { describe, expect, it } from 'vitest';
import type { UnitStatus } from '../model/unit.ts';
import { run } from '../testing/scripted-run.ts';
import { stepContext } from '../testing/step-context.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { unitProgress } from './unit-progress.ts';

/** A clock that only the test moves on. */
function world(expectedBytes: number) {
  const told: Partial<UnitStatus>[] = [];
  const state = { milliseconds: 0, cancelled: false };
  const catalog = stubCatalog({
    project: {
      cancelRequested: async () => state.cancelled,
      setUnit: async (_lease, _unit, status) => {
        told.push(status);
      },
    },
  });
  const clock = { now: () => new Date(state.milliseconds).toISOString() };
  const report = unitProgress(stepContext({ catalog, clock }), run, 'documentLibrary', expectedBytes);
  return { told, state, report };
}

describe('the progress of a unit', () => {
  it('is told at most once a second, and never as the end', async () => {
    const { told, state, report } = world(100);
    for (let step = 0; step < 50; step += 1) {
      state.milliseconds += 100;
      await report({ objects: 1, bytes: 4 });
    }
    expect(told.map(({ progress }) => progress)).toEqual([40, 80, 99, 99, 99]);
  });

  it('of an empty library divides by nothing', async () => {
    const { told, state, report } = world(0);
    state.milliseconds = 1000;
    await report({ objects: 1, bytes: 0 });
    expect(told).toEqual([{ progress: 0 }]);
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
