import type { Transform } from 'node:stream';
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { Compression } from '@lcb/core';

/** Below zstd's own default, 3, which took twice the time for no less: docs/decisions/0027. */
const ZSTD_LEVEL = 2;

/** What fills an output buffer of its own goes to another thread and back; the default is 16 KiB. Bytes. */
const OUTPUT = 128 * 1024;

/** Compresses what is written to it. Runs on libuv's threads, not on the event loop. */
export function compressor(compression: Compression): Transform {
  if (compression === 'gzip') return createGzip({ chunkSize: OUTPUT });
  return createZstdCompress({
    chunkSize: OUTPUT,
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      // Lets every zstd tool find damage by itself, also where nobody has the manifest at hand.
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

/** The way back. Damaged input fails the stream. */
export function decompressor(compression: Compression): Transform {
  const options = { chunkSize: OUTPUT };
  return compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
}

/** End of a compressed object's name. */
export function compressionSuffix(compression: Compression): '.zst' | '.gz' {
  return compression === 'gzip' ? '.gz' : '.zst';
}
