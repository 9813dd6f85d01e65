import type { Finding } from './check.ts';

/** The last dumps of the same environment that the new one is compared with. */
export const comparedDumps = 5;

/**
 * An empty dump fails. One whose size is far from the median of the last ones warns: half a database may have been
 * deleted, or the wrong one configured; a person knows.
 * @param earlier uncompressed sizes, at most {@link comparedDumps} @param factor how many times larger or smaller is normal
 */
export function judgeDumpSize(
  dump: { readonly bytes: number; readonly storedBytes: number },
  earlier: readonly number[],
  factor: number,
): Finding {
  const measured = `${dump.bytes} bytes, ${dump.storedBytes} stored`;
  if (dump.bytes === 0 || dump.storedBytes === 0)
    return { ok: false, expected: 'more than 0 bytes', measured };
  const median = medianOf(earlier);
  if (median === undefined) {
    return { ok: true, expected: 'more than 0 bytes; no earlier dump to compare with', measured };
  }
  const least = Math.floor(median / factor);
  const most = Math.ceil(median * factor);
  return {
    ok: dump.bytes >= least && dump.bytes <= most,
    severity: 'warns',
    expected: `${least} to ${most} bytes, by the median ${median} of the last ${earlier.length}`,
    measured,
  };
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  return upper === undefined || lower === undefined ? undefined : Math.round((lower + upper) / 2);
}
