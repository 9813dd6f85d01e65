import type { VerificationLevel } from '../model/verification.ts';
import type { Record as BackupRecord } from './record.ts';

export type VerifiedRecord = Extract<BackupRecord, { readonly type: 'verified' }>;

/** How a backup stands by its records: the newest word on each matter counts. */
export interface Standing {
  readonly deleted?: { readonly at: string; readonly until: string | undefined };
  readonly pinned?: { readonly at: string; readonly reason: string | undefined };
  readonly held?: { readonly at: string; readonly until: string | undefined };
  /** The newest verification of each level. */
  readonly verified?: { readonly [Level in VerificationLevel]?: VerifiedRecord };
  /** Levels whose verification found damage that no later one took back; not empty where it is there. */
  readonly damagedBy?: readonly VerificationLevel[];
}

/** By which levels it is taken back that one has found damage: those that look at everything that it may have seen. */
const takenBackBy: Readonly<Record<VerificationLevel, readonly VerificationLevel[]>> = {
  quick: ['quick', 'sample', 'full'],
  // Another sample is another look.
  sample: ['full'],
  full: ['full'],
  restore: ['restore'],
};

const untouched: Standing = {};

/** Takes one more record into account. In the order of their keys, which is that of time. */
export function afterRecord(standing: Standing | undefined, record: BackupRecord): Standing {
  const before = standing ?? untouched;
  const { deleted: _deleted, ...undeleted } = before;
  const { pinned: _pinned, ...unpinned } = before;
  const { held: _held, ...released } = before;
  switch (record.type) {
    case 'deleted':
      return { ...before, deleted: { at: record.at, until: record.until } };
    case 'undeleted':
      return undeleted;
    // It was made anew in this place: what was said of the one before is over.
    case 'copied':
      return undeleted;
    case 'pinned':
      return { ...before, pinned: { at: record.at, reason: record.reason } };
    case 'unpinned':
      return unpinned;
    case 'held':
      return { ...before, held: { at: record.at, until: record.until } };
    case 'released':
      return released;
    case 'verified':
      return afterVerification(before, record);
    default:
      return before;
  }
}

function afterVerification(before: Standing, record: VerifiedRecord): Standing {
  const { damagedBy = [], ...standing } = before;
  const { level, ok } = record;
  const left = ok
    ? damagedBy.filter((found) => !takenBackBy[found].includes(level))
    : [...damagedBy.filter((found) => found !== level), level];
  return {
    ...standing,
    verified: { ...before.verified, [level]: record },
    ...(left.length === 0 ? {} : { damagedBy: left }),
  };
}

/** Is everything of it known to be good? Only levels that read every byte, or that have loaded it, can tell. */
export function isVerified({ verified, damagedBy }: Standing): boolean {
  return damagedBy === undefined && (verified?.full?.ok === true || verified?.restore?.ok === true);
}

/** Is it held at this moment? A hold may have an end. */
export function isHeld({ held }: Standing, now: string): boolean {
  return held !== undefined && (held.until === undefined || Date.parse(held.until) > Date.parse(now));
}
