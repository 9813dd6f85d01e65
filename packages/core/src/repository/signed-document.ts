import { createHash } from 'node:crypto';
import { flattenedVerify, importJWK } from 'jose';
import { z } from 'zod';
import { IntegrityError } from '../errors/errors.ts';
import { errorMessage } from '../errors/lcb-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Signer, TrustedKey } from '../ports/signer.ts';
import { canonicalJson } from './canonical-json.ts';

/** JWS in its flattened JSON serialisation (RFC 7515, 7.2.2): any JOSE library verifies it. */
const flattenedJwsSchema = z.object({ protected: z.string(), payload: z.string(), signature: z.string() });
const headerSchema = z.object({
  alg: z.enum(['EdDSA', 'ES256']),
  kid: z.string(),
  typ: z.string(),
  /** When it was signed, by the signer's clock: seconds since 1970, with a fraction (NumericDate, RFC 7519). */
  iat: z.number(),
});

/** What a document is of: a manifest can't be passed off as a record. */
export type DocumentType = 'lcb-manifest' | 'lcb-record';

/** Signs a JSON value; the answer is the file's exact bytes. */
export async function signDocument(
  signer: Signer,
  clock: Clock,
  type: DocumentType,
  value: unknown,
): Promise<Uint8Array> {
  // The key first: one that is made on first use must be valid by the time that is written into the header.
  const key = await signer.currentKey();
  const iat = Date.parse(clock.now()) / 1000;
  const header = encode(canonicalJson({ alg: key.algorithm, kid: key.keyId, typ: type, iat }));
  const payload = encode(canonicalJson(value));
  const signature = await signer.sign(key.keyId, Buffer.from(`${header}.${payload}`));
  return fileOf({ payload, protected: header, signature: Buffer.from(signature).toString('base64url') });
}

/** The one form that a file may have. Others would mean the same, but their bytes would have another hash. */
function fileOf({ payload, protected: header, signature }: z.infer<typeof flattenedJwsSchema>): Buffer {
  const [p, h, s] = [payload, header, signature].map((text) =>
    Buffer.from(text, 'base64url').toString('base64url'),
  );
  return Buffer.from(`${JSON.stringify({ payload: p, protected: h, signature: s })}\n`);
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

export interface VerifiedDocument<T> {
  readonly value: T;
  readonly keyId: string;
  /** Of the file's bytes. */
  readonly sha256: string;
}

/**
 * Checks a signature by trusted keys only and parses what was signed. The key must have been valid when it signed.
 * @throws IntegrityError `signature.invalid`, `signature.untrusted`, `document.malformed`
 */
export async function verifyDocument<T>(
  bytes: Uint8Array,
  type: DocumentType,
  schema: z.ZodType<T>,
  trusted: readonly TrustedKey[],
): Promise<VerifiedDocument<T>> {
  const jws = parseJson(flattenedJwsSchema, Buffer.from(bytes).toString());
  if (!fileOf(jws).equals(bytes)) {
    throw new IntegrityError(
      'The document was changed: it is not written as it was signed.',
      'document.malformed',
    );
  }
  const header = parseJson(headerSchema, Buffer.from(jws.protected, 'base64url').toString());
  if (header.typ !== type)
    throw new IntegrityError(`This is a ${header.typ}, not a ${type}.`, 'document.malformed');
  const key = trusted.find(
    (candidate) => candidate.keyId === header.kid && candidate.algorithm === header.alg,
  );
  if (key === undefined) {
    throw new IntegrityError(
      `It is signed by the key ${header.kid}, which is not among the trusted keys. If that key is to be trusted, add its public key; otherwise this is not our document.`,
      'signature.untrusted',
    );
  }
  try {
    await flattenedVerify(jws, await importJWK(key.publicKey, key.algorithm), {
      algorithms: [key.algorithm],
    });
  } catch (error) {
    throw new IntegrityError(
      `The signature by the key ${key.keyId} does not fit the content: ${errorMessage(error)}.`,
      'signature.invalid',
    );
  }
  const value = parseJson(schema, Buffer.from(jws.payload, 'base64url').toString());
  // Rounded: 2154059888.107 times 1000 is just less than the millisecond that it was made from.
  const at = Math.round(header.iat * 1000);
  if (at < Date.parse(key.validFrom) || (key.validUntil !== undefined && at > Date.parse(key.validUntil))) {
    throw new IntegrityError(
      `It was signed at ${new Date(at).toISOString()}, when the key ${key.keyId} was not valid (${key.validFrom} to ${key.validUntil ?? 'now'}).`,
      'signature.untrusted',
    );
  }
  return { value, keyId: key.keyId, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function parseJson<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new IntegrityError(`The document can't be read: ${errorMessage(error)}`, 'document.malformed');
  }
}
