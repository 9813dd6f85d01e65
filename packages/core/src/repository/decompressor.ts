import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from '../model/run.ts';

/** Bytes that come out of the decompression at once: each time costs a trip to another thread, and Node's own 16 KiB are few. */
const chunkSize = 256 * 1024;

/** Damaged input fails the stream; see `isCompressionError`. */
export function decompressor(compression: Compression): Transform {
  return compression === 'zstd' ? createZstdDecompress({ chunkSize }) : createGunzip({ chunkSize });
}
