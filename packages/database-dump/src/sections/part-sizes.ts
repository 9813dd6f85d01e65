/** How a dump by several readers is cut into parts; bytes on the server's disk. */
export interface PartSizes {
  /** A table of at least so many bytes is read by workers; the dump program has the others. */
  readonly bigTable: number;
  /** What a worker reads at a time, of a table that can be cut. */
  readonly part: number;
}

/**
 * A part costs a connection, a process and an object: not worth it for less than a few seconds of work. On the other hand
 * the last part to be finished keeps only one worker busy, and what a restore loads at a time is a part.
 */
export const usualSizes: PartSizes = { bigTable: 8 * 1024 * 1024, part: 96 * 1024 * 1024 };

/** A database of terabytes has larger parts rather than a description of megabytes. */
const MOST_PARTS = 4000;

/** More of them would take from a source what its users need. */
export const mostWorkers = 4;

/** @param total bytes of all tables that are cut. */
export function partBytes({ part }: PartSizes, total: number): number {
  return Math.max(part, Math.ceil(total / MOST_PARTS));
}
