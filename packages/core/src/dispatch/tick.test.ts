import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../model/cloud-event.ts';
import type { Run } from '../model/run.ts';
import type { State } from '../model/state.ts';
import { backupRun } from '../testing/backup-run.ts';
import { stubCatalog } from '../testing/stub-catalog.ts';
import { tick } from './tick.ts';

const limits = { total: 10, perProject: 5, leaseSeconds: 60 };
const id = (number: number) => `retail-prd-backup-20251109-14300${number}`;
const event = (name: string): CloudEvent => ({
  specversion: '1.0',
  id: name,
  type: 'cloud.liferay.backup.succeeded.v1',
  source: '/projects/retail/environments/prd',
  time: '2025-11-09T14:30:00.000Z',
});

/** Runs that were admitted, each with what the engine knows of it; and what a tick does about them. */
function world(
  runs: readonly (readonly [State, 'unknown' | 'running' | 'ended'])[],
  events: readonly string[] = [],
  fails: { readonly reap?: string; readonly deliver?: string } = {},
) {
  const did: string[] = [];
  const admitted: Run[] = runs.map(([state], number) => backupRun({ state, runId: id(number) }));
  const catalog = stubCatalog({
    platform: {
      admit: async () => [],
      admitted: async () => admitted,
      pendingEvents: async () => events.map(event),
      markDelivered: async (ids) => {
        did.push(`delivered ${ids.join(' ')}`);
      },
    },
  });
  const workflows = {
    start: async ({ runId }: Run) => {
      did.push(`start ${runId}`);
    },
    status: async (runId: string) => runs[Number(runId.at(-1))]?.[1] ?? 'unknown',
  };
  const reap = async ({ runId }: Run) => {
    if (runId === fails.reap) throw new Error('can not be reaped');
    did.push(`reap ${runId}`);
  };
  const deliver = async ({ id: name }: CloudEvent) => {
    if (name === fails.deliver) throw new Error('can not be delivered');
  };
  return { did, tick: () => tick({ catalog, workflows, limits, reap, deliver }) };
}

describe('a tick', () => {
  it('starts what waits, reaps what is gone, leaves alone what runs', async () => {
    const { did, tick: once } = world([
      ['Pending', 'unknown'],
      ['InProgress', 'running'],
      ['InProgress', 'unknown'],
      ['Validating', 'ended'],
      ['Succeeded', 'ended'],
    ]);
    await once();
    expect(did).toEqual([`reap ${id(2)}`, `reap ${id(3)}`, `start ${id(0)}`]);
  });

  it('reaps a run whose workflow ended before it had begun anything', async () => {
    const { did, tick: once } = world([['Pending', 'ended']]);
    await once();
    expect(did).toContain(`reap ${id(0)}`);
  });

  it('goes on when one run can not be reaped, and says so in the end', async () => {
    const { did, tick: once } = world(
      [
        ['InProgress', 'ended'],
        ['InProgress', 'ended'],
        ['Pending', 'unknown'],
      ],
      ['e'],
      { reap: id(0) },
    );
    await expect(once()).rejects.toThrow('can not be reaped');
    expect(did).toEqual([`reap ${id(1)}`, `start ${id(2)}`, 'delivered e']);
  });

  it('keeps in the outbox what can not be delivered, and nothing else', async () => {
    const { did, tick: once } = world([], ['a', 'b', 'c'], { deliver: 'b' });
    await expect(once()).rejects.toThrow('can not be delivered');
    expect(did).toEqual(['delivered a c']);
  });

  it('does nothing where there is nothing to do', async () => {
    const { did, tick: once } = world([]);
    await once();
    expect(did).toEqual([]);
  });
});
