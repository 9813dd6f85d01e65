import type { SqlScript } from '@lcb/core';

/**
 * Scripts in the order in which they run: by the bytes of their names, so that it depends on no language. Numbers need
 * leading zeros: `10.sql` comes before `2.sql`, and capitals before small letters.
 */
export function inByteOrder<T extends Pick<SqlScript, 'name'>>(scripts: readonly T[]): T[] {
  return [...scripts].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}
