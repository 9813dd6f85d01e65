import { createHash } from 'node:crypto';
import { flattenedVerify, importJWK } from 'jose';
import { z } from 'zod';
import { errorMessage } from '../errors/lcb-error.ts';
import { IntegrityError } from '../errors/errors.ts';
import type { Signer, TrustedKey } from '../ports/signer.ts';
import { canonicalJson } from './canonical-json.ts';

/** JWS in its flattened JSON serialisation (RFC 7515, 7.2.2): any JOSE library verifies it. */
const flattenedJwsSchema = z.object({ protected: z.string(), payload: z.string(), signature: z.string() });
const headerSchema = z.object({ alg: z.enum(['EdDSA', 'ES256']), kid: z.string(), typ: z.string() });

/** What a document is of: a manifest can't be passed off as a record. */
export type DocumentType = 'lcb-manifest' | 'lcb-record';

/** Signs a JSON value; the answer is the file's exact bytes. */
export async function signDocument(signer: Signer, type: DocumentType, value: unknown): Promise<Uint8Array> {
  const key = await signer.currentKey();
  const header = encode(canonicalJson({ alg: key.algorithm, kid: key.keyId, typ: type }));
  const payload = encode(canonicalJson(value));
  const signature = await signer.sign(key.keyId, Buffer.from(`${header}.${payload}`));
  const jws = { payload, protected: header, signature: Buffer.from(signature).toString('base64url') };
  return Buffer.from(`${JSON.stringify(jws)}\n`);
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
 * Checks a signature by trusted keys only and parses what was signed. The key must have been valid at the time that
 * the document itself states.
 * @throws IntegrityError `signature.invalid`, `signature.untrusted`, `document.malformed`
 */
export async function verifyDocument<T>(
  bytes: Uint8Array,
  type: DocumentType,
  schema: z.ZodType<T>,
  signedAt: (value: T) => string,
  trusted: readonly TrustedKey[],
): Promise<VerifiedDocument<T>> {
  const jws = parseJson(flattenedJwsSchema, Buffer.from(bytes).toString());
  const header = parseJson(headerSchema, Buffer.from(jws.protected, 'base64url').toString());
  if (header.typ !== type) throw new IntegrityError(`This is a ${header.typ}, not a ${type}.`, 'document.malformed');
  const key = trusted.find((candidate) => candidate.keyId === header.kid && candidate.algorithm === header.alg);
  if (key === undefined) {
    throw new IntegrityError(
      `It is signed by the key ${header.kid}, which is not among the trusted keys. If that key is to be trusted, add its public key; otherwise this is not our document.`,
      'signature.untrusted',
    );
  }
  try {
    await flattenedVerify(jws, await importJWK(key.publicKey, key.algorithm), { algorithms: [key.algorithm] });
  } catch (error) {
    throw new IntegrityError(`The signature by the key ${key.keyId} does not fit the content: ${errorMessage(error)}.`, 'signature.invalid');
  }
  const value = parseJson(schema, Buffer.from(jws.payload, 'base64url').toString());
  const at = signedAt(value);
  if (at < key.validFrom || (key.validUntil !== undefined && at > key.validUntil)) {
    throw new IntegrityError(
      `It is dated ${at}, when the key ${key.keyId} was not valid (${key.validFrom} to ${key.validUntil ?? 'now'}).`,
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
