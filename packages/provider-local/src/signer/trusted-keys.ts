import { join } from 'node:path';
import { type TrustedKey, trustedKeySchema } from '@lcb/core';
import { z } from 'zod';
import { replaceFile } from '../files/atomic-file.ts';
import { readJsonFile } from '../files/json-file.ts';

/** Public, and to be copied to wherever backups are verified. */
const everybodyReads = 0o644;
const trustedKeysSchema = z.object({ keys: z.array(trustedKeySchema) });

export function trustedKeysPath(directory: string): string {
  return join(directory, 'trusted-keys.json');
}

/**
 * All public keys that signatures of this installation count by, each for its time, oldest first. Empty before the first
 * signature. @throws LcbError `file.invalid`
 */
export async function localTrustedKeys(directory: string): Promise<TrustedKey[]> {
  return (await readJsonFile(trustedKeysPath(directory), trustedKeysSchema))?.keys ?? [];
}

export async function writeTrustedKeys(directory: string, keys: readonly TrustedKey[]): Promise<void> {
  await replaceFile(trustedKeysPath(directory), `${JSON.stringify({ keys }, null, 2)}\n`, everybodyReads);
}

/**
 * The keys once `current` is the one that signs: every other key ends where this one begins. Answers the same keys when
 * nothing is to be changed.
 */
export function withCurrent(keys: readonly TrustedKey[], current: TrustedKey): readonly TrustedKey[] {
  const isDone = keys.every((key) => (key.keyId === current.keyId) === (key.validUntil === undefined));
  if (isDone && keys.some((key) => key.keyId === current.keyId)) return keys;
  const others = keys.filter((key) => key.keyId !== current.keyId);
  return [...others.map((key) => ({ ...key, validUntil: key.validUntil ?? current.validFrom })), current];
}
