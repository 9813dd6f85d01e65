import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

/** What `zstd` would do, for machines without it. */
await pipeline(process.stdin, createZstdCompress(), process.stdout);
