import { describe, expect, it } from 'vitest';
import { type VerificationLevel, verificationLevelSchema } from '../model/verification.ts';
import { afterRecord, isVerified, type Standing, type VerifiedRecord } from './standing.ts';

const backupId = 'retail-prd-backup-20251109-143000';

function verification(level: VerificationLevel, ok: boolean): VerifiedRecord {
  return {
    format: 'lcb-record',
    version: 1,
    projectId: 'retail',
    environment: 'prd',
    recordId: 'verified-1',
    type: 'verified',
    at: '2025-11-09T15:00:00.000Z',
    actor: 'ada',
    backupId,
    level,
    ok,
    problems: [],
    bytesRead: 0,
  };
}

/** `full-` found damage, `full` found none. */
function after(...told: readonly string[]): Standing {
  let standing: Standing = {};
  for (const word of told) {
    const level = verificationLevelSchema.parse(word.replace('-', ''));
    standing = afterRecord(standing, verification(level, !word.endsWith('-')));
  }
  return standing;
}

describe('how a backup stands by its verifications', () => {
  it('keeps the newest of each level', () => {
    const { verified } = after('full-', 'quick', 'full', 'quick-');
    expect([verified?.full?.ok, verified?.quick?.ok, verified?.sample]).toEqual([true, false, undefined]);
  });

  it.each([
    ['quick-', ['quick', 'sample', 'full']],
    ['sample-', ['full']],
    ['full-', ['full']],
    ['restore-', ['restore']],
  ])('takes %s back by what looks at all of it only', (found, by) => {
    expect(after(found).damagedBy).toEqual([found.replace('-', '')]);
    for (const level of ['quick', 'sample', 'full', 'restore']) {
      expect({ level, damaged: after(found, level).damagedBy !== undefined }).toEqual({
        level,
        damaged: !by.includes(level),
      });
    }
  });

  it('is damaged again by the newest word', () => {
    expect(after('full', 'quick-').damagedBy).toEqual(['quick']);
    expect(after('full-', 'full', 'full-').damagedBy).toEqual(['full']);
    expect(after('full-', 'restore-', 'full').damagedBy).toEqual(['restore']);
  });

  it('is verified by whoever read all of it or loaded it, and by nobody else', () => {
    expect(['quick', 'sample', 'full', 'restore'].map((level) => isVerified(after(level)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(isVerified(after('full', 'quick-'))).toBe(false);
    expect(isVerified(after('full', 'quick-', 'quick'))).toBe(true);
    expect(isVerified({})).toBe(false);
  });
});
