import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { z } from 'zod';
import { IntegrityError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { isCompressionError } from './compression-error.ts';
import { decompressor } from './decompressor.ts';
import { taken } from './taken.ts';
import { wholeFrames } from './zstd-frames.ts';

/** Lines are handed on in chunks of about this many characters: one by one would cost more than the work itself. */
const chunkLength = 64 * 1024;

async function* chunksOf(rows: AsyncIterable<unknown>, count: () => void): AsyncGenerator<Buffer> {
  let text = '';
  for await (const row of rows) {
    count();
    text += `${JSON.stringify(row)}\n`;
    if (text.length >= chunkLength) {
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}

/** Writes rows as zstd-compressed JSON lines. Flat memory; nothing is left when the rows fail. */
export async function writeJsonLines(
  store: ObjectStore,
  prefix: string,
  path: string,
  rows: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<Artefact & { readonly rows: number }> {
  let count = 0;
  const compress = createZstdCompress();
  async function* source() {
    yield* chunksOf(rows, () => {
      count += 1;
    });
    await taken(compress);
  }
  // One pipeline, the store's put at its end: whichever part fails, all are ended, and nothing goes on behind our back.
  const stored = await pipeline(
    source,
    compress,
    (body: AsyncIterable<Uint8Array>) => store.put(prefix + path, body, { signal }),
    { signal },
  );
  return { path, bytes: stored.size, sha256: stored.checksum.value, rows: count };
}

/**
 * Reads rows back, in order. Size and hash of the stored bytes are compared as they pass, so a damaged artefact fails
 * at its end at the latest. @throws IntegrityError
 */
export function readJsonLines<T>(
  store: ObjectStore,
  prefix: string,
  artefact: Artefact,
  schema: z.ZodType<T>,
): AsyncGenerator<T> {
  return readLines(store, prefix + artefact.path, schema, verifying(artefact));
}

/** Reads rows that nothing vouches for yet, such as the plan that an earlier step of the same attempt wrote. */
export function readJsonLinesUnverified<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
): AsyncGenerator<T> {
  return readLines(store, key, schema, async function* pass(source) {
    yield* source;
  });
}

async function* readLines<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  check: (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>,
): AsyncGenerator<T> {
  const { body } = await store.get(key);
  const decompress = decompressor('zstd');
  const reading = pipeline(body, check, wholeFrames('zstd'), decompress);
  // Its failure also destroys `decompress`, which is where the loop below meets it.
  reading.catch(() => undefined);
  let rest = '';
  try {
    decompress.setEncoding('utf8');
    // Not closed at the last bytes: what reads the input may be an instant behind, and must come to its end.
    for await (const chunk of decompress.iterator({ destroyOnReturn: false })) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield schema.parse(JSON.parse(line));
    }
    await reading;
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || isCompressionError(error)) {
      throw new IntegrityError(`${key} can't be read: ${errorMessage(error)}`);
    }
    throw error;
  } finally {
    body.destroy();
    decompress.destroy();
  }
  if (rest !== '') throw new IntegrityError(`${key} ends in the middle of a line.`);
}

/** Passes bytes through and fails at the end when they are not the ones that were written. */
export function verifying(artefact: Artefact) {
  return async function* verify(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      // What was put in its place may be of any size, or endless.
      if (bytes > artefact.bytes)
        throw new IntegrityError(`${artefact.path} has more than ${artefact.bytes} bytes.`);
      yield chunk;
    }
    if (bytes !== artefact.bytes) {
      throw new IntegrityError(`${artefact.path} has ${bytes} bytes instead of ${artefact.bytes}.`);
    }
    const sha256 = hash.digest('hex');
    if (sha256 !== artefact.sha256) {
      throw new IntegrityError(
        `${artefact.path} was changed: its SHA-256 is ${sha256} instead of ${artefact.sha256}.`,
      );
    }
  };
}
