import type { PartMemory } from './part-memory.ts';
import { partBytes } from './parts.ts';
import type { Pieces } from './pieces.ts';

export interface BodyPart {
  readonly number: number;
  readonly bytes: Buffer;
  /** Is nothing behind it? */
  readonly isLast: boolean;
  /** It has been sent, or never will be. */
  release(): void;
}

export interface BodyPartsOptions {
  /** Bytes of the whole, where they are known. */
  readonly size: number | undefined;
  readonly multipartThreshold: number;
  readonly partSize: number;
  readonly memory: PartMemory;
  readonly signal: AbortSignal | undefined;
}

/**
 * The body of a write in the parts that it is sent in: one, where all of it fits under the threshold. Where the size is known, their memory comes
 * out of what all writes share: such a body is another object, which comes without waiting for anybody. Others do wait: rows of an index come as
 * objects are copied, and must not hold what these need. They have memory beside it.
 */
export async function* bodyParts(pieces: Pieces, options: BodyPartsOptions): AsyncGenerator<BodyPart> {
  const { multipartThreshold, partSize, memory, signal } = options;
  let { size } = options;
  const bytesOf = (number: number): number =>
    number === 1 && size === undefined
      ? Math.max(multipartThreshold, partBytes(1, partSize, size))
      : partBytes(number, partSize, size);
  let last: BodyPart | undefined;
  try {
    for (let number = 1; number === 1 || !pieces.ended; number += 1) {
      if (size === undefined && number === 1) {
        // Often the only one, and small.
        yield { number, bytes: await pieces.gather(bytesOf(1)), isLast: pieces.ended, release: nothing };
        continue;
      }
      const lease =
        size === undefined
          ? memory.takeBeside(bytesOf(number))
          : await memory.take(Math.min(size, bytesOf(number)), signal);
      last = { number, bytes: lease.bytes, isLast: false, release: lease.release };
      const length = await pieces.fill(lease.bytes);
      let bytes = lease.bytes.subarray(0, length);
      if (number === 1 && length === size && !pieces.ended) {
        // More than was said: it goes on as one of which nothing is known.
        size = undefined;
        bytes = await pieces.gather(bytesOf(1), bytes);
      }
      last = { ...last, bytes, isLast: pieces.ended };
      yield last;
      // Whoever asked for the next has begun to send it.
      last = undefined;
    }
  } finally {
    last?.release();
  }
}

function nothing(): void {}
