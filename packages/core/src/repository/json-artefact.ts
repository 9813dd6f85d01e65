import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { IntegrityError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import type { Artefact } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { verifying } from './json-lines.ts';

/** Writes a small JSON document; the same value always gives the same bytes. */
export async function writeJsonArtefact(
  store: ObjectStore,
  prefix: string,
  path: string,
  value: unknown,
): Promise<Artefact> {
  const stored = await store.put(prefix + path, Buffer.from(`${JSON.stringify(value)}\n`), {
    contentType: 'application/json',
  });
  return { path, bytes: stored.size, sha256: stored.checksum.value };
}

/** Reads one whose hash is known. @throws IntegrityError */
export async function readJsonArtefact<T>(
  store: ObjectStore,
  prefix: string,
  artefact: Artefact,
  schema: z.ZodType<T>,
): Promise<T> {
  const { body } = await store.get(prefix + artefact.path);
  return parse(artefact.path, schema, await collect(verifying(artefact)(body)));
}

/** Reads an artefact of any kind whole, and keeps nothing of it. @throws IntegrityError naming it */
export async function verifyArtefact(store: ObjectStore, prefix: string, artefact: Artefact): Promise<void> {
  const { body } = await store.get(prefix + artefact.path);
  for await (const _chunk of verifying(artefact)(body)) {
    // Reading compares size and hash.
  }
}

/** Reads one that nothing vouches for yet, such as what a shard left for the step after it. */
export async function readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T> {
  const { body } = await store.get(key);
  return parse(key, schema, await collect(body));
}

/** As {@link readJson}, and what verifies it from now on. */
export async function describeJson<T>(
  store: ObjectStore,
  prefix: string,
  path: string,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T; readonly artefact: Artefact }> {
  const bytes = await readBytes(store, prefix + path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { value: parse(path, schema, bytes), artefact: { path, bytes: bytes.length, sha256 } };
}

export async function readBytes(store: ObjectStore, key: string): Promise<Buffer> {
  const { body } = await store.get(key);
  return collect(body);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse<T>(path: string, schema: z.ZodType<T>, bytes: Buffer): T {
  try {
    return schema.parse(JSON.parse(bytes.toString()));
  } catch (error) {
    throw new IntegrityError(`${path} can't be read: ${errorMessage(error)}`);
  }
}
