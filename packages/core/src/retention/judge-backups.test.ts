import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgeingBackup, judgeBackups } from './judge-backups.ts';

const now = '2025-11-20T12:00:00.000Z';

function backup(dataTime: string, changes: Partial<AgeingBackup> = {}): AgeingBackup {
  const plain = {
    units: ['database', 'documentLibrary'],
    isUploaded: false,
    isGood: true,
    isVerified: false,
    isPinned: false,
    isHeld: false,
  } as const;
  return { backupId: `backup-${dataTime}`, dataTime, ...plain, ...changes };
}

function kept(
  backups: readonly AgeingBackup[],
  rules: Parameters<typeof judgeBackups>[0]['rules'],
  timeZone = 'UTC',
) {
  const judgements = judgeBackups({ backups, rules, timeZone, now });
  return Object.fromEntries(
    judgements
      .filter(({ keptBy }) => keptBy.length > 0)
      .map(({ backupId, keptBy }) => [backupId.slice('backup-'.length), keptBy]),
  );
}

/** One at noon of each day, so many days back. */
const daily = (count: number) =>
  Array.from({ length: count }, (_, day) =>
    backup(new Date(Date.parse('2025-11-20T11:00:00.000Z') - day * 86_400_000).toISOString()),
  );

describe('the rules of retention', () => {
  it('keep the newest of each day, week and month that has one', () => {
    const times = Object.keys(kept(daily(100), { keepDaily: 3, keepWeekly: 2, keepMonthly: 3 }));
    expect(times.map((time) => time.slice(0, 10))).toEqual([
      '2025-11-20',
      '2025-11-19',
      '2025-11-18',
      // The Sunday of the week before.
      '2025-11-16',
      '2025-10-31',
      '2025-09-30',
    ]);
  });

  it('count days that have a backup, not days that passed', () => {
    const sparse = [
      backup('2025-11-20T01:00:00.000Z'),
      backup('2025-08-01T01:00:00.000Z'),
      backup('2025-07-31T01:00:00.000Z'),
    ];
    expect(Object.keys(kept(sparse, { keepDaily: 2 }))).toHaveLength(2);
  });

  it('count the days of the time zone', () => {
    // Both on the 19th in UTC; in Berlin the later one is past midnight.
    const late = [backup('2025-11-19T23:30:00.000Z'), backup('2025-11-19T22:30:00.000Z')];
    expect(Object.keys(kept(late, { keepDaily: 5 }))).toHaveLength(1);
    expect(Object.keys(kept(late, { keepDaily: 5 }, 'Europe/Berlin'))).toHaveLength(2);
  });

  it('know the days on which clocks change', () => {
    // Monday the 27th: the night before has 25 hours.
    const times = ['2025-10-27T00:30:00.000Z', '2025-10-26T23:30:00.000Z', '2025-10-26T22:30:00.000Z'];
    expect(
      Object.keys(
        kept(
          times.map((time) => backup(time)),
          { keepWeekly: 9 },
          'Europe/Berlin',
        ),
      ),
    ).toEqual(['2025-10-27T00:30:00.000Z', '2025-10-26T22:30:00.000Z']);
  });

  it('keep what is younger, and of itself says so', () => {
    const [young, old] = [backup('2025-11-18T12:00:00.001Z'), backup('2025-11-18T12:00:00.000Z')];
    const own = backup('2025-11-01T00:00:00.000Z', { keepFor: 30 * 86_400 });
    const gone = backup('2025-11-20T00:00:00.000Z', { keepFor: 3600, isGood: false });
    const newer = backup('2025-11-20T01:00:00.000Z');
    expect(kept([newer, young, old, own, gone], { keepFor: 2 * 86_400 })).toEqual({
      [newer.dataTime]: ['newest', 'keepFor'],
      [young.dataTime]: ['keepFor'],
      [own.dataTime]: ['keepFor'],
    });
  });

  it('without rules keep everything that does not say otherwise of itself', () => {
    const own = backup('2025-11-01T00:00:00.000Z', { keepFor: 3600 });
    expect(Object.keys(kept([...daily(3), own], undefined))).toHaveLength(3);
  });

  it('give no day to a backup that is not good', () => {
    const failed = backup('2025-11-20T11:00:00.000Z', { isGood: false });
    const good = backup('2025-11-20T02:00:00.000Z');
    expect(kept([failed, good], { keepDaily: 1 })).toEqual({
      [failed.dataTime]: ['newest'],
      [good.dataTime]: ['newest', 'keepDaily'],
    });
  });

  it('count for each unit by itself, and for uploads by themselves', () => {
    const search = backup('2025-11-20T10:00:00.000Z', { units: ['search'] });
    const database = backup('2025-11-20T09:00:00.000Z', { units: ['database'] });
    const uploaded = backup('2025-11-20T08:00:00.000Z', { isUploaded: true });
    const full = backup('2025-11-13T08:00:00.000Z');
    const older = backup('2025-11-06T08:00:00.000Z');
    expect(kept([search, database, uploaded, full, older], { keepLast: 1 })).toEqual({
      [search.dataTime]: ['newest', 'keepLast'],
      [database.dataTime]: ['newest', 'keepLast'],
      [uploaded.dataTime]: ['newest', 'keepLast'],
      [full.dataTime]: ['newest', 'keepLast'],
    });
  });

  it('keep what is newer than every good one, and let nothing from the future count', () => {
    const damaged = backup('2025-11-20T10:00:00.000Z', { isGood: false });
    const good = backup('2025-11-19T10:00:00.000Z');
    const failedBefore = backup('2025-11-18T10:00:00.000Z', { isGood: false });
    const future = backup('2035-11-19T10:00:00.000Z');
    expect(kept([damaged, good, failedBefore, future], { keepLast: 1 })).toEqual({
      [future.dataTime]: ['newest'],
      [damaged.dataTime]: ['newest'],
      [good.dataTime]: ['newest', 'keepLast'],
    });
    expect(Object.keys(kept([failedBefore, damaged], { keepLast: 1 }))).toHaveLength(2);
  });

  it('keep pins and holds, the newest good and the last verified one', () => {
    const verified = backup('2024-01-01T00:00:00.000Z', { isVerified: true });
    const pinned = backup('2024-01-02T00:00:00.000Z', { isPinned: true, isGood: false });
    const held = backup('2024-01-03T00:00:00.000Z', { isHeld: true });
    const newest = backup('2024-01-04T00:00:00.000Z', { keepFor: 1 });
    expect(kept([verified, pinned, held, newest], { keepFor: 1 })).toEqual({
      [newest.dataTime]: ['newest'],
      [held.dataTime]: ['held'],
      [pinned.dataTime]: ['pinned'],
      [verified.dataTime]: ['lastVerified'],
    });
  });
});

const someBackup = fc
  .record({
    seconds: fc.integer({ min: 0, max: 400 * 86_400 }),
    units: fc.subarray(['database', 'documentLibrary', 'search'] as const, { minLength: 1 }),
    isUploaded: fc.boolean(),
    isGood: fc.boolean(),
    isVerified: fc.boolean(),
    isPinned: fc.boolean(),
    isHeld: fc.boolean(),
    keepFor: fc.option(fc.integer({ min: 1, max: 100 * 86_400 }), { nil: undefined }),
  })
  .map(({ seconds, ...rest }) =>
    backup(new Date(Date.parse(now) - seconds * 1000).toISOString(), { ...rest }),
  );
const someRules = fc.record(
  {
    keepLast: fc.integer({ min: 1, max: 5 }),
    keepDaily: fc.integer({ min: 1, max: 5 }),
    keepWeekly: fc.integer({ min: 1, max: 5 }),
    keepMonthly: fc.integer({ min: 1, max: 5 }),
  },
  { requiredKeys: ['keepLast'] },
);

it('judging again what was kept keeps the same', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(someBackup, { selector: ({ backupId }) => backupId }),
      someRules,
      (backups, rules) => {
        const question = { rules, timeZone: 'America/New_York', now };
        const first = judgeBackups({ ...question, backups }).filter(({ keptBy }) => keptBy.length > 0);
        const ids = new Set(first.map(({ backupId }) => backupId));
        const again = judgeBackups({
          ...question,
          backups: backups.filter(({ backupId }) => ids.has(backupId)),
        });
        expect(again).toEqual(first);
      },
    ),
  );
});
