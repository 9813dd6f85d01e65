import { createHash } from 'node:crypto';
import type { ObjectInfo, ObjectStore } from '@lcb/core';

let prefixes = 0;

/** A prefix that no other case uses. */
export function ownPrefix(): string {
  prefixes += 1;
  return `case-${prefixes}/`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function collect<T>(stream: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

export async function readAll(store: ObjectStore, key: string): Promise<Buffer> {
  const { body } = await store.get(key);
  return Buffer.concat(await collect<Uint8Array>(body));
}

export async function keysOf(listing: AsyncIterable<ObjectInfo>): Promise<string[]> {
  return (await collect(listing)).map((info) => info.key);
}

export async function* chunksOf(
  ...chunks: readonly (Uint8Array | string | Error)[]
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (chunk instanceof Error) throw chunk;
    yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
}

/** Chunks as a store lends them: what one held is gone when the next is asked for. */
export async function* lentChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    yield chunk;
    chunk.fill('?');
  }
}

/** Deterministic bytes that no compression or block cache takes for others; every 4 bytes say where they belong. */
export function numberedBytes(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at / 4 + seed * 0x9e3779b1) >>> 0, at);
  return bytes;
}

/** The order of listings, made independently of the code under test. */
export function sortedByBytes(keys: Iterable<string>): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
