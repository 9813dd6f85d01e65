import type { Measurement } from './measurement/measurement.ts';

/** What a run said of itself; a benchmark of a run that says nothing would be one of nothing. */
export function runIdOf({ runId }: Measurement): string {
  if (runId === undefined) throw new Error('The measured run has no id.');
  return runId;
}

/** Objects and bytes of the library, and bytes that were really copied. */
export function libraryStatus({ units }: Measurement): {
  objects: number;
  bytes: number;
  storedBytes: number;
} {
  const { objects, bytes, storedBytes } = units?.documentLibrary ?? {};
  if (objects === undefined || bytes === undefined)
    throw new Error('The measured run does not say what it copied.');
  return { objects, bytes, storedBytes: storedBytes ?? 0 };
}

/** Uncompressed. */
export function bytesDumped({ units }: Measurement): number {
  const bytes = units?.database?.bytes;
  if (bytes === undefined) throw new Error('The measured run does not say what it dumped.');
  return bytes;
}
