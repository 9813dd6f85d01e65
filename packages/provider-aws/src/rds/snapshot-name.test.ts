import { environmentHash, runId } from '@lcb/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memberName } from './add-members.ts';
import { isSnapshotName, snapshotName } from './snapshot-name.ts';

const names = fc.stringMatching(/^[a-z](?:-?[a-z0-9]){0,9}$/);
const ref = fc.record({ projectId: names, environment: names });

it('is a name that RDS allows, for every backup', () => {
  fc.assert(
    fc.property(
      ref,
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1, max: 50 }),
      (of, attempt, ordinal) => {
        const backupId = runId(of, 'backup', '2025-11-09T14:30:00Z', ordinal);
        const name = snapshotName({ ...of, backupId, attempt });
        expect(isSnapshotName(name)).toBe(true);
        expect(name.endsWith(`-a${attempt}-${environmentHash(of)}`)).toBe(true);
      },
    ),
  );
});

it('keeps environments apart whose ids read the same', () => {
  const backupId = 'a-b-c-backup-20251109-143000';
  const one = snapshotName({ projectId: 'a-b', environment: 'c', backupId, attempt: 1 });
  expect(snapshotName({ projectId: 'a', environment: 'b-c', backupId, attempt: 1 })).not.toBe(one);
});

it.each(['', '1a', 'a--b', 'a-', 'a_b', 'rds:a', 'a'.repeat(256)])('refuses %j', (name) => {
  expect(isSnapshotName(name)).toBe(false);
});

it('names the instances of a cluster within 63 characters', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z](?:-?[a-z0-9]){0,31}$/),
      fc.integer({ min: 1, max: 16 }),
      (cluster, number) => {
        const name = memberName(cluster, number);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(isSnapshotName(name)).toBe(true);
      },
    ),
  );
});
