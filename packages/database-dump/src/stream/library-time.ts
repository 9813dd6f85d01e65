import { type DumpRequest, type Interval, intervalOf } from '@lcb/core';

/** Does something and tells, where a clock of the library's store is given, between which of its times that was. */
export async function inLibraryTime<T>(
  clock: DumpRequest['libraryClock'],
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly libraryTime: Interval | undefined }> {
  const before = await clock?.();
  const value = await work();
  const after = await clock?.();
  const isTold = before !== undefined && after !== undefined;
  return { value, libraryTime: isTold ? intervalOf(before.from, after.to) : undefined };
}
