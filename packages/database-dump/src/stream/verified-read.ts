import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { type Artefact, type Compression, IntegrityError, type ObjectStore, wholeFrames } from '@lcb/core';
import { decompressor } from './compression.ts';

/** What bytes must be. */
export interface Expected {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Passes bytes on and fails at their end, before it is passed on too, unless they are the expected ones.
 *
 * @param name of what is read, for the error.
 * @throws IntegrityError
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  expected: Expected,
  name: string,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes > expected.bytes) break;
    onBytes(chunk.length);
    yield chunk;
  }
  if (bytes !== expected.bytes) throw wrongSize(name, expected.bytes, bytes);
  const sha256 = hash.digest('hex');
  if (sha256 === expected.sha256) return;
  throw new IntegrityError(
    `${name} is not what was written: its SHA-256 is ${sha256}, the backup says ${expected.sha256}. Restore another backup.`,
  );
}

/** Where an artefact lies: its path is relative to the prefix. */
export interface StoredArtefact {
  readonly store: ObjectStore;
  readonly prefix: string;
  readonly artefact: Artefact;
}

/** The stored bytes of an artefact. @throws IntegrityError at the latest at their end, if they are not the recorded ones. */
async function* readArtefact({ store, prefix, artefact }: StoredArtefact): AsyncGenerator<Uint8Array> {
  const { info, body } = await store.get(prefix + artefact.path);
  try {
    if (info.size !== artefact.bytes) throw wrongSize(info.key, artefact.bytes, info.size);
    yield* verified(body, artefact, info.key);
  } finally {
    body.destroy();
  }
}

/** The uncompressed bytes of an artefact. @throws IntegrityError also for bytes that can't be decompressed. */
export async function* readCompressed(
  stored: StoredArtefact,
  compression: Compression,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let readFailure: { readonly error: unknown } | undefined;
  async function* watched() {
    try {
      yield* readArtefact(stored);
    } catch (error) {
      readFailure = { error };
      throw error;
    }
  }
  const plain = decompressor(compression);
  const feeding = pipeline(watched, wholeFrames(compression), plain, { signal });
  // Its failure also destroys `plain`, which is where the loop below meets it.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of plain.iterator({ destroyOnReturn: false })) yield chunk;
    await feeding;
  } catch (error) {
    if (readFailure) throw readFailure.error;
    signal.throwIfAborted();
    throw new IntegrityError(
      `${stored.prefix}${stored.artefact.path} can't be decompressed (${error instanceof Error ? error.message : String(error)}): it is damaged. Restore another backup.`,
    );
  } finally {
    plain.destroy();
  }
}

/** Reads an artefact to its end for nothing but to know. @throws IntegrityError */
export async function verifyArtefact(stored: StoredArtefact, signal: AbortSignal): Promise<void> {
  for await (const _ of readArtefact(stored)) signal.throwIfAborted();
}

function wrongSize(name: string, expected: number, found: number): IntegrityError {
  const most = found > expected ? 'more than that' : `${found} bytes`;
  return new IntegrityError(
    `${name} should have ${expected} bytes but has ${most}: it was cut or changed after the backup. Restore another backup.`,
  );
}
