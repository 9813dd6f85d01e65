import { LcbError } from '@lcb/core';

/** S3 takes so many parts of one object. */
const mostParts = 10_000;
const partsOfOneSize = 125;

/**
 * Bytes of a part. Where the whole size is known, parts are as large as need be for it to fit. Where it is not (a dump), every
 * 125 parts they grow by the first one's size: with 8 MiB, the first GB goes in parts of 8 MiB, 100 GB need 112 MiB, and 3 TiB fit.
 */
export function partBytes(number: number, first: number, size: number | undefined): number {
  if (number > mostParts) {
    throw new LcbError({
      code: 'objectStore.failed',
      message: `An object has more than ${mostParts} parts. Set a larger partSize for this location in \`stores\`.`,
    });
  }
  if (size !== undefined && size <= first * mostParts) return first;
  if (size !== undefined) return Math.ceil(size / mostParts);
  return first * (1 + Math.floor((number - 1) / partsOfOneSize));
}
