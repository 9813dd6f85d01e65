import { describe, expect, it } from 'vitest';
import type { Backup, Run } from '../model/run.ts';
import type { Standing } from '../repository/standing.ts';
import { backupRun } from '../testing/backup-run.ts';
import { deletionObstacles } from './deletion-obstacles.ts';

const now = '2025-11-20T00:00:00.000Z';
const sealed = {
  manifestSha256: 'a'.repeat(64),
  attempt: 1,
  sealedAt: '2025-11-09T14:35:00.000Z',
  dataTime: { from: '2025-11-09T14:30:01.000Z', to: '2025-11-09T14:30:02.000Z' },
  base: null,
};

function backup(changes: Partial<Backup> = {}): Backup {
  return { ...backupRun({ state: 'Succeeded' }), sealed, ...changes };
}

async function codes(
  of: Backup,
  options: { standing?: Standing; others?: readonly Run[]; evenIfBase?: boolean } = {},
): Promise<string[]> {
  const pages = [[], options.others ?? []];
  const obstacles = await deletionObstacles({
    backup: of,
    // Two pages: what stands against it may be on any.
    project: {
      runs: async ({ pageToken }) =>
        pageToken === undefined ? { runs: pages[0] ?? [], nextPageToken: 'more' } : { runs: pages[1] ?? [] },
    },
    standing: options.standing ?? {},
    evenIfBase: options.evenIfBase ?? false,
    now,
  });
  return obstacles.map(({ code }) => code);
}

describe('what stands against a deletion', () => {
  it('is nothing for a sealed backup that nobody keeps', async () => {
    expect(await codes(backup())).toEqual([]);
  });

  it('is its being made, or its never having been sealed', async () => {
    expect(await codes(backupRun())).toEqual(['backup.running']);
    expect(await codes(backupRun({ state: 'Failed' }))).toEqual(['backup.unsealed']);
  });

  it('is a pin, in the catalog or by the records alone', async () => {
    const pinned = { at: now, reason: undefined };
    expect(await codes(backup({ pinned: { at: now } }))).toEqual(['backup.pinned']);
    expect(await codes(backup(), { standing: { pinned } })).toEqual(['backup.pinned']);
  });

  it('is a hold, until its end', async () => {
    const held = (until?: string) => ({ standing: { held: { at: now, until } } });
    expect(await codes(backup(), held())).toEqual(['backup.held']);
    expect(await codes(backup(), held('2025-11-21T00:00:00.000Z'))).toEqual(['backup.held']);
    expect(await codes(backup(), held('2025-11-19T00:00:00.000Z'))).toEqual([]);
  });

  it('is a verification at work that reads it, and not one of another', async () => {
    const reading = (backupId: string): Run => {
      const { request, ...run } = backupRun();
      const { requestId, projectId, environment, initiator, requestedAt, correlationId } = request;
      return {
        ...run,
        kind: 'verify',
        runId: 'retail-prd-verify-20251110-143000',
        request: {
          kind: 'verify',
          ...{ requestId, projectId, environment, initiator, requestedAt, correlationId },
          backupId,
          backup: { environment, location: 'memory://backups' },
          server: { engine: 'postgresql', url: 'postgres://liferay@db/lportal' },
        },
      };
    };
    const found = (run: Run) =>
      deletionObstacles({
        backup: backup(),
        project: { runs: async ({ kind }) => ({ runs: kind === run.kind ? [run] : [] }) },
        standing: {},
        evenIfBase: false,
        now,
      });
    expect((await found(reading(backup().runId))).map(({ code }) => code)).toEqual(['backup.beingRestored']);
    expect(await found(reading('retail-prd-backup-20251110-143000'))).toEqual([]);
  });

  it('is a kept backup that was built on it, unless that does not matter', async () => {
    const runId = 'retail-prd-backup-20251110-143000';
    const built = backup({ runId, sealed: { ...sealed, base: backup().runId } });
    expect(await codes(backup(), { others: [built] })).toEqual(['backup.isBase']);
    expect(await codes(backup(), { others: [built], evenIfBase: true })).toEqual([]);
    expect(await codes(backup(), { others: [{ ...built, deletedAt: now }] })).toEqual([]);
    expect(await codes(backup(), { others: [backup({ runId })] })).toEqual([]);
  });

  it('is all of that at once', async () => {
    const standing = { held: { at: now, until: undefined } };
    expect(await codes(backup({ pinned: { at: now } }), { standing })).toEqual([
      'backup.pinned',
      'backup.held',
    ]);
  });
});
