import type { Writable } from 'node:stream';

/**
 * Waits until a compressor has taken all that was written to it. Where the end comes before, Node's zstd writes an empty frame
 * after the last one, and Node's own decompressor takes that for damage if it comes in two chunks.
 */
export async function taken(compressor: Writable): Promise<void> {
  // Called with an error too: whoever feeds the compressor has it.
  await new Promise<void>((resolve) => compressor.write(new Uint8Array(0), () => resolve()));
}
