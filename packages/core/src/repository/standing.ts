import type { Record } from './record.ts';

/** How a backup stands by its records: the newest word on each matter counts. */
export interface Standing {
  readonly deleted?: { readonly at: string; readonly until: string | undefined };
  readonly pinned?: { readonly at: string; readonly reason: string | undefined };
  readonly held?: { readonly at: string; readonly until: string | undefined };
  /** Of the newest verification. */
  readonly verified?: { readonly at: string; readonly ok: boolean };
}

const untouched: Standing = {};

/** Takes one more record into account. In the order of their keys, which is that of time. */
export function afterRecord(standing: Standing | undefined, record: Record): Standing {
  const before = standing ?? untouched;
  const { deleted: _deleted, ...undeleted } = before;
  const { pinned: _pinned, ...unpinned } = before;
  const { held: _held, ...released } = before;
  switch (record.type) {
    case 'deleted':
      return { ...before, deleted: { at: record.at, until: record.until } };
    case 'undeleted':
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
      return { ...before, verified: { at: record.at, ok: record.ok } };
    default:
      return before;
  }
}

/** Is it held at this moment? A hold may have an end. */
export function isHeld({ held }: Standing, now: string): boolean {
  return held !== undefined && (held.until === undefined || Date.parse(held.until) > Date.parse(now));
}
