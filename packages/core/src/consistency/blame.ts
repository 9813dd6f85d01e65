import type { Interval } from '../model/values.ts';
import type { NamingRow } from './expected-objects.ts';

/** What is known of an object from before it was found missing or of the wrong size. */
export interface Evidence {
  /** In the library before the run began. */
  readonly before: { readonly size: number } | undefined;
  /** In the listing that the copy went by. */
  readonly listed: { readonly size: number; readonly etag: string } | undefined;
}

/**
 * Was an object that does not fit its rows right at some time since the run began? Then the run met it while it changed,
 * and another run, at another moment, will fit. If not, it was wrong at the source, and will be so every time. Where
 * nobody can tell, the run is blamed, since the next one can.
 *
 * Liferay removes a file while the transaction that removes its row is still open, so an object may be gone before the
 * moment at which its row is still seen: it counts as right if it was there when the run began.
 */
export function isIntroduced(
  about: Evidence & {
    /** Is there any knowledge of the time before? Without it nothing is blamed on the run. */
    readonly isKnownBefore: boolean;
    readonly found: { readonly size: number; readonly etag?: string } | undefined;
    readonly rows: readonly NamingRow[];
    readonly uncertain: Interval | undefined;
  },
): boolean {
  const { before, listed, found } = about;
  if (!about.isKnownBefore) return listed !== undefined && listed.etag !== found?.etag;
  // There when the run began or when the library was listed, and gone now.
  if (found === undefined && (before !== undefined || listed !== undefined)) return true;
  // Another object than the one that was there when the run began, or than the one that was listed.
  if (found !== undefined) {
    if (before?.size !== found.size) return true;
    return listed !== undefined && listed.etag !== found.etag;
  }
  // Never seen. The rows may be newer than the first listing, which then can't know what they name.
  return changedIn(about.rows, about.uncertain);
}

function changedIn(rows: readonly NamingRow[], interval: Interval | undefined): boolean {
  if (interval === undefined) return false;
  const [from, to] = [Date.parse(interval.from), Date.parse(interval.to)];
  return rows.some(({ times }) => times.some((time) => Date.parse(time) >= from && Date.parse(time) <= to));
}
