import { readFileSync } from 'node:fs';
import { type TrustedKey, trustedKeySchema } from '@lcb/core';
import { z } from 'zod';
import { UsageError } from '../usage-error.ts';

/** One key, a list of keys, or the `trusted-keys.json` of an installation. */
const keyFileSchema = z.union([
  trustedKeySchema.transform((key) => [key]),
  z.array(trustedKeySchema).min(1),
  z.object({ keys: z.array(trustedKeySchema).min(1) }).transform(({ keys }) => keys),
]);

/** The public keys in the files that `--key` names. @throws UsageError */
export function readTrustedKeys(paths: readonly string[]): TrustedKey[] {
  return paths.flatMap((path) => {
    const parsed = keyFileSchema.safeParse(json(path));
    if (parsed.success) return parsed.data;
    throw new UsageError(
      `--key ${path} holds no public key. It has to be a key {keyId, algorithm, publicKey, validFrom}, a list of such keys, or a copy of trusted-keys.json.`,
    );
  });
}

function json(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Without the parser's own words: it repeats what it read, which may be a private key.
    const reason =
      error instanceof SyntaxError
        ? 'it is not JSON'
        : error instanceof Error
          ? error.message
          : String(error);
    throw new UsageError(`--key ${path} can't be read: ${reason}.`);
  }
}
