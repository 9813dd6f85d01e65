import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { LcbError, type TrustedKey, timeSchema } from '@lcb/core';
import { z } from 'zod';
import { unless } from '../files/error-code.ts';
import { readJsonFile } from '../files/json-file.ts';

/** Read, write or execute for the group or for everybody. */
const anyoneElse = 0o077;

const base64url = z.string().regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url');
/** Private JSON Web Key of Ed25519 (RFC 8037), with what is needed to publish its public half. */
const signingKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: base64url,
  d: base64url,
  kid: z.string().min(1),
  validFrom: timeSchema,
});
export type SigningKey = z.infer<typeof signingKeySchema>;

export function generateSigningKey(validFrom: string): SigningKey {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return signingKeySchema.parse({ kty, crv, x, d, kid: thumbprint(x ?? ''), validFrom });
}

/**
 * The private key's file, or `undefined` where there is none.
 * @throws LcbError `signer.keyExposed` when others than the owner may read it
 */
export async function readSigningKey(path: string): Promise<SigningKey | undefined> {
  const found = await unless(['ENOENT'], stat(path));
  if (found !== undefined && (found.mode & anyoneElse) !== 0) {
    throw new LcbError({
      code: 'signer.keyExposed',
      message: `The signing key ${path} is open to other users. Run: chmod 600 ${path} – and, if somebody may have read it, rotate the key.`,
    });
  }
  return readJsonFile(path, signingKeySchema);
}

export function publicHalf({ kid, kty, crv, x, validFrom }: SigningKey): TrustedKey {
  return { keyId: kid, algorithm: 'EdDSA', publicKey: { kty, crv, x }, validFrom };
}

export function signWith({ kty, crv, x, d }: SigningKey, data: Uint8Array): Uint8Array {
  const key: KeyObject = createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' });
  return sign(null, data, key);
}

/** JWK thumbprint: the same key has the same id wherever it is made (RFC 7638, RFC 8037 appendix A.3). */
function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
