/** A stretch of a dump that is not plain SQL: a literal, a comment, rows. Fed chunk by chunk, cut anywhere. */
export interface Section {
  /** @returns where the section ended in the chunk (the first byte after it), or undefined if it goes on. */
  push(chunk: Buffer, from: number): number | undefined;
}

export const byteOf = (character: string): number => character.charCodeAt(0);
