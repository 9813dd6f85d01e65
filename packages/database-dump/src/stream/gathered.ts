/** Enough for a compressor to work on for a while: each chunk goes to another thread and back. */
const ENOUGH = 128 * 1024;

/**
 * The same bytes in chunks that are not small. What is large passes as it is, the rest is copied at once: the memory of a source's
 * chunk may be its own again when the next is asked for. That holds for who reads here, too: such a chunk is larger than
 * what a stream takes without having done its work on it.
 */
export async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held = Buffer.allocUnsafeSlow(ENOUGH);
  let length = 0;
  for await (const chunk of source) {
    if (length + chunk.length > ENOUGH && length > 0) {
      yield held.subarray(0, length);
      held = Buffer.allocUnsafeSlow(ENOUGH);
      length = 0;
    }
    if (chunk.length >= ENOUGH) {
      yield chunk;
      continue;
    }
    held.set(chunk, length);
    length += chunk.length;
  }
  if (length > 0) yield held.subarray(0, length);
}
