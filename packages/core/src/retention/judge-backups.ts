import type { Retention } from '../model/retention.ts';
import { type Unit, unitSchema } from '../model/unit.ts';
import { calendarOf } from './calendar.ts';

/** What the rules ask of a sealed backup. */
export interface AgeingBackup {
  readonly backupId: string;
  /** The moment that its data is from: RFC 3339. */
  readonly dataTime: string;
  /** Units that can be restored from it. */
  readonly units: readonly Unit[];
  /** Made of what somebody uploaded, and not of the environment. */
  readonly isUploaded: boolean;
  /** Succeeded, with all units that were asked for, and nobody has found damage in it. */
  readonly isGood: boolean;
  /** A verification of all of it found nothing. */
  readonly isVerified: boolean;
  readonly isPinned: boolean;
  readonly isHeld: boolean;
  /** Seconds that were asked for when it was made; they count instead of the environment's rules. */
  readonly keepFor?: number | undefined;
}

export type KeepReason =
  | 'pinned'
  | 'held'
  /** The newest good one that has some unit; or one that is newer than all of those. */
  | 'newest'
  /** The newest that was verified. */
  | 'lastVerified'
  | 'keepLast'
  | 'keepDaily'
  | 'keepWeekly'
  | 'keepMonthly'
  | 'keepFor';

export interface Judgement {
  readonly backupId: string;
  /** Empty: it expires. */
  readonly keptBy: readonly KeepReason[];
}

export interface RetentionQuestion {
  readonly backups: readonly AgeingBackup[];
  /** Without rules everything is kept that does not say otherwise of itself. */
  readonly rules: Retention | undefined;
  readonly timeZone: string;
  /** RFC 3339. */
  readonly now: string;
}

/** A clock that is ahead by more than this was wrong when the backup was made. */
const aheadMilliseconds = 86_400_000;

/**
 * Says of each backup why it is kept, newest first. Rules that count see good backups only: one that failed takes no day from
 * one that restores. They count for each unit by itself, and for uploads by themselves: a backup of the database alone takes no day from
 * one that has the library. Whatever the rules say, of each unit the newest good backup and the newest verified one stay.
 */
export function judgeBackups(question: RetentionQuestion): readonly Judgement[] {
  const { backups, rules, now } = question;
  const newestFirst = [...backups].sort(
    (a, b) => Date.parse(b.dataTime) - Date.parse(a.dataTime) || (a.backupId < b.backupId ? 1 : -1),
  );
  const reasons = new Map<string, Set<KeepReason>>(newestFirst.map(({ backupId }) => [backupId, new Set()]));
  const keep: Keep = (backup, reason) => reasons.get(backup.backupId)?.add(reason);
  const age = (backup: AgeingBackup) => Date.parse(now) - Date.parse(backup.dataTime);
  const good = newestFirst.filter((backup) => backup.isGood && age(backup) > -aheadMilliseconds);
  const newestGood = good[0];
  for (const unit of unitSchema.options) {
    const having = good.filter(({ units }) => units.includes(unit));
    for (const isUploaded of [false, true])
      keepByCount(
        having.filter((backup) => backup.isUploaded === isUploaded),
        question,
        keep,
      );
  }
  for (const backup of newestFirst) {
    // What has failed, or has a date that can't be, is worth having until there is something better that is newer.
    if (newestGood === undefined || Date.parse(backup.dataTime) > Date.parse(newestGood.dataTime))
      keep(backup, 'newest');
    if (backup.isPinned) keep(backup, 'pinned');
    if (backup.isHeld) keep(backup, 'held');
    const seconds = backup.keepFor ?? (rules === undefined ? Number.POSITIVE_INFINITY : (rules.keepFor ?? 0));
    if (seconds > 0 && age(backup) < seconds * 1000) keep(backup, 'keepFor');
  }
  return newestFirst.map(({ backupId }) => ({ backupId, keptBy: [...(reasons.get(backupId) ?? [])] }));
}

type Keep = (backup: AgeingBackup, reason: KeepReason) => void;

/** @param good of one kind, newest first */
function keepByCount(
  good: readonly AgeingBackup[],
  { rules, timeZone }: RetentionQuestion,
  keep: Keep,
): void {
  const [newest] = good;
  const lastVerified = good.find(({ isVerified }) => isVerified);
  if (newest !== undefined) keep(newest, 'newest');
  if (lastVerified !== undefined) keep(lastVerified, 'lastVerified');
  // A backup with a time of its own stands for no day of those that have none.
  const ruled = good.filter(({ keepFor }) => keepFor === undefined);
  for (const backup of ruled.slice(0, rules?.keepLast ?? 0)) keep(backup, 'keepLast');
  const periodsOf = calendarOf(timeZone);
  for (const [reason, period] of [
    ['keepDaily', 'day'],
    ['keepWeekly', 'week'],
    ['keepMonthly', 'month'],
  ] as const) {
    const seen = new Set<string>();
    for (const backup of ruled) {
      const name = periodsOf(backup.dataTime)[period];
      if (seen.has(name) || seen.size >= (rules?.[reason] ?? 0)) continue;
      seen.add(name);
      keep(backup, reason);
    }
  }
}
