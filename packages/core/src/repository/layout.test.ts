import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backupIdOfCopy,
  backupPrefix,
  copyPath,
  indexPartDescriptionPath,
  indexPartPath,
  manifestKey,
  planPath,
  recordKey,
  recordsPrefix,
} from './layout.ts';

const ref = { projectId: 'retail', environment: 'prd' };
const backupId = 'retail-prd-backup-20251109-143000';
const key = fc.string({ unit: 'binary', minLength: 1 });

describe('the layout of a backup location', () => {
  it('is the documented one', () => {
    expect(manifestKey(ref, backupId)).toBe(`retail/prd/backups/${backupId}/manifest.json`);
    expect(planPath(1, 0)).toBe('attempts/1/library/plan-00000.jsonl.zst');
    expect(indexPartPath(2, 3, 4000)).toBe('attempts/2/library/index-00003-0000004000.jsonl.zst');
    expect(indexPartDescriptionPath(2, 3, 4000)).toBe('attempts/2/library/index-00003-0000004000.json');
    expect(recordKey(ref, '2025-11-09T14:30:00Z', 'x')).toBe('retail/prd/records/20251109T143000000Z-x.json');
  });

  it('keeps environments apart whose ids read the same', () => {
    const one = backupPrefix({ projectId: 'a-b', environment: 'c' }, 'x');
    const other = backupPrefix({ projectId: 'a', environment: 'b-c' }, 'x');
    expect(one).not.toBe(other);
    expect(one.startsWith(other) || other.startsWith(one)).toBe(false);
  });

  it('keeps the key of an object exactly, where it fits', () => {
    fc.assert(
      fc.property(key, (object) => {
        const path = copyPath(backupId, object, () => undefined);
        expect(path).toBe(`backups/${backupId}/objects/${object}`);
        expect(backupIdOfCopy(path)).toBe(backupId);
      }),
    );
  });

  it('names a copy by the hash of its key, where it does not fit', () => {
    fc.assert(
      fc.property(key, (object) => {
        const asked: string[] = [];
        const path = copyPath(backupId, object, (candidate) => {
          asked.push(candidate);
          return 'too long';
        });
        const hash = createHash('sha256').update(object).digest('hex');
        expect(path).toBe(`backups/${backupId}/objects-long/${hash}`);
        expect(asked).toEqual([`backups/${backupId}/objects/${object}`]);
        expect(backupIdOfCopy(path)).toBe(backupId);
      }),
    );
  });

  it.each([
    '',
    'objects/a',
    `backups/${backupId}/attempts/1/x`,
    'backups//objects/a',
    `x/backups/${backupId}/objects/a`,
    `backups/${backupId}/objects`,
  ])('%j lies in no backup as a copy', (path) => {
    expect(backupIdOfCopy(path)).toBeUndefined();
  });

  it('sorts records by their time', () => {
    const time = fc.date({ min: new Date(0), max: new Date('9999-01-01T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const keys = [recordKey(ref, a.toISOString(), 'z'), recordKey(ref, b.toISOString(), 'a')];
        if (a < b) expect([...keys].sort()).toEqual(keys);
        for (const each of keys) expect(each.startsWith(recordsPrefix(ref))).toBe(true);
      }),
    );
  });
});
