import { LcbError } from '@lcb/core';
import { partsBegin, partsEnd } from '../../sections/section-marks.ts';

const TAIL = 256;

/**
 * Passes a file through. One that was put together of a dump's parts has to have its last one, too: each part ends as a dump does.
 *
 * @throws LcbError `database.dumpTruncated`
 */
export async function* wholeSections(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  for await (const chunk of source) {
    if (head.length < partsBegin.length) head = Buffer.concat([head, chunk.subarray(0, partsBegin.length)]);
    tail = Buffer.concat([tail, chunk.subarray(-TAIL)]).subarray(-TAIL);
    yield chunk;
  }
  if (head.toString('latin1').startsWith(partsBegin) && !tail.includes(partsEnd)) {
    throw new LcbError({
      code: 'database.dumpTruncated',
      message: `${name} begins as a dump in sections and lacks the last of them, so it is not complete. Download it again.`,
    });
  }
}
