import type { Retention } from '../model/retention.ts';
import { calendarOf } from './calendar.ts';

/** What the rules ask of a sealed backup. */
export interface AgeingBackup {
  readonly backupId: string;
  /** The moment that its data is from: RFC 3339. */
  readonly dataTime: string;
  /** Succeeded, with all units that were asked for. */
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
  /** The newest good one. */
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

/**
 * Says of each backup why it is kept, newest first. Rules that count see good backups only: one that failed takes no day from
 * one that restores. Whatever the rules say, the newest good backup and the newest verified one stay.
 */
export function judgeBackups(question: RetentionQuestion): readonly Judgement[] {
  const { backups, rules, timeZone, now } = question;
  const newestFirst = [...backups].sort(
    (a, b) => Date.parse(b.dataTime) - Date.parse(a.dataTime) || (a.backupId < b.backupId ? 1 : -1),
  );
  const reasons = new Map<string, KeepReason[]>(newestFirst.map(({ backupId }) => [backupId, []]));
  const keep = (backup: AgeingBackup | undefined, reason: KeepReason) =>
    backup && reasons.get(backup.backupId)?.push(reason);

  const isYounger = (backup: AgeingBackup, seconds: number) =>
    Date.parse(now) - Date.parse(backup.dataTime) < seconds * 1000;
  const good = newestFirst.filter(({ isGood }) => isGood);
  keep(good[0], 'newest');
  keep(
    good.find(({ isVerified }) => isVerified),
    'lastVerified',
  );
  for (const backup of newestFirst) {
    if (backup.isPinned) keep(backup, 'pinned');
    if (backup.isHeld) keep(backup, 'held');
    const seconds = backup.keepFor ?? (rules === undefined ? Number.POSITIVE_INFINITY : (rules.keepFor ?? 0));
    if (isYounger(backup, seconds)) keep(backup, 'keepFor');
  }
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
  return newestFirst.map(({ backupId }) => ({ backupId, keptBy: reasons.get(backupId) ?? [] }));
}
