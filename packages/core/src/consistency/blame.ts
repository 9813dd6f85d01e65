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
 * and another run, at another moment, will fit. If not, it was wrong at the source, and will be so every time.
 *
 * Liferay removes a file while the transaction that removes its row is still open, so an object may be gone before the
 * moment at which its row is still seen: it counts as right if it was right when the run began.
 */
export function isIntroduced(
  about: Evidence & {
    readonly found: { readonly size: number; readonly etag?: string } | undefined;
    /** May an object of this size be the one that the rows name? */
    readonly fits: (size: number) => boolean;
    readonly rows: readonly NamingRow[];
    readonly uncertain: Interval | undefined;
  },
): boolean {
  const { before, listed, found, fits } = about;
  if (found === undefined) {
    // There when the run began or when the library was listed, and gone now.
    if (before !== undefined || listed !== undefined) return true;
  } else {
    if (before !== undefined && fits(before.size)) return true;
    // Replaced between listing and copy: the one that was listed was right.
    if (listed !== undefined && listed.etag !== found.etag && fits(listed.size)) return true;
    // The very same wrong object since before the run.
    if (before !== undefined && before.size === found.size) return false;
  }
  // The rows are newer than the first listing: it can't know what they name. Another run can.
  return changedIn(about.rows, about.uncertain);
}

function changedIn(rows: readonly NamingRow[], interval: Interval | undefined): boolean {
  if (interval === undefined) return false;
  const [from, to] = [Date.parse(interval.from), Date.parse(interval.to)];
  return rows.some(({ times }) => times.some((time) => Date.parse(time) >= from && Date.parse(time) <= to));
}
