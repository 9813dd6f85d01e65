import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backupIdSchema,
  environmentHash,
  environmentNameSchema,
  environmentRefSchema,
  idTime,
  maxNamesLength,
  projectIdSchema,
  runId,
  runIdSchema,
  runKindSchema,
} from './ids.ts';

const name = fc
  .stringMatching(/^[a-z](?:-?[a-z0-9]){0,18}$/)
  .filter((text) => text.length <= maxNamesLength / 2);
const ref = fc.record({ projectId: name, environment: name });
const time = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2199-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const kind = fc.constantFrom(...runKindSchema.options);
const ordinal = fc.integer({ min: 1, max: 200 });

describe('names of projects and environments', () => {
  it.each(['a', 'retail', 'r2-d2', 'a1', 'x-1-y-2', 'a'.repeat(maxNamesLength)])('may be %s', (text) => {
    expect(projectIdSchema.safeParse(text).success).toBe(true);
    expect(environmentNameSchema.safeParse(text).success).toBe(true);
  });

  it.each([
    '',
    '1a',
    '-a',
    'a-',
    'a--b',
    'A',
    'a_b',
    'a.b',
    'a/b',
    'ä',
    'a b',
    'a\n',
    '_platform',
    'a'.repeat(maxNamesLength + 1),
  ])('may not be %j', (text) => {
    expect(projectIdSchema.safeParse(text).success).toBe(false);
    expect(environmentNameSchema.safeParse(text).success).toBe(false);
  });

  it('have at most 40 characters together', () => {
    const project = 'p'.repeat(20);
    expect(environmentRefSchema.safeParse({ projectId: project, environment: 'e'.repeat(20) }).success).toBe(
      true,
    );
    const tooLong = environmentRefSchema.safeParse({ projectId: project, environment: 'e'.repeat(21) });
    expect(tooLong.error?.issues).toMatchObject([
      { path: ['environment'], message: expect.stringContaining('40') },
    ]);
  });
});

describe('the id of a run', () => {
  it('has the form that the requirements give', () => {
    const retail = { projectId: 'retail', environment: 'prd' };
    expect(runId(retail, 'backup', '2025-11-09T14:30:00.999Z')).toBe('retail-prd-backup-20251109-143000');
    expect(runId(retail, 'restore', '2025-11-09T14:30:00Z', 2)).toBe('retail-prd-restore-20251109-143000-2');
  });

  it('is valid whatever it is made of', () => {
    fc.assert(
      fc.property(ref, kind, time, ordinal, (names, ofKind, at, number) => {
        const id = runId(names, ofKind, at, number);
        expect(runIdSchema.parse(id)).toBe(id);
        expect(backupIdSchema.safeParse(id).success).toBe(ofKind === 'backup');
      }),
    );
  });

  it('differs by kind, second and ordinal', () => {
    fc.assert(
      fc.property(
        ref,
        fc.uniqueArray(fc.tuple(kind, time.map(idTime), ordinal), { selector: String }),
        (names, wanted) => {
          const times = (text: string) => text.replace(/(....)(..)(..)-(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z');
          const ids = wanted.map(([ofKind, at, number]) => runId(names, ofKind, times(at), number));
          expect(new Set(ids).size).toBe(wanted.length);
        },
      ),
    );
  });

  it('reads the same for a-b/c and a/b-c, which a hash tells apart', () => {
    const one = { projectId: 'a-b', environment: 'c' };
    const other = { projectId: 'a', environment: 'b-c' };
    const at = '2025-11-09T14:30:00Z';
    expect(runId(one, 'backup', at)).toBe(runId(other, 'backup', at));
    expect(environmentHash(one)).not.toBe(environmentHash(other));
    expect(environmentHash(one)).toMatch(/^[0-9a-f]{8}$/);
  });

  it('of a restore is no id of a backup, even where the environment is called like one', () => {
    const names = { projectId: 'a', environment: 'backup-20251109-143000' };
    const id = runId(names, 'restore', '2025-11-09T14:30:00Z');
    expect(runIdSchema.safeParse(id).success).toBe(true);
    expect(backupIdSchema.safeParse(id).success).toBe(false);
  });

  it.each([
    '',
    'retail-prd-backup',
    'retail-prd-backup-20251109',
    'retail-prd-move-20251109-143000',
    'retail-prd-backup-20251109-143000-1',
    'retail-prd-backup-20251109-143000-0',
    'retail-prd-backup-20251109-143000-02',
    'Retail-prd-backup-20251109-143000',
    'retail/prd-backup-20251109-143000',
    '../backup-20251109-143000',
    'retail-prd-backup-20251109-143000\n',
  ])('can not be %j', (text) => {
    expect(runIdSchema.safeParse(text).success).toBe(false);
  });

  it('is not made from a time that is none', () => {
    expect(() => idTime('yesterday')).toThrow(RangeError);
  });
});
