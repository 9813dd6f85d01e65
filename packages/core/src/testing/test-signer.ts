import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SignatureAlgorithm, Signer, TrustedKey } from '../ports/signer.ts';

export interface TestSigner extends Signer {
  readonly trusted: TrustedKey;
}

/** A signer with a real key that lives as long as the test. */
export function testSigner(
  algorithm: SignatureAlgorithm = 'EdDSA',
  { keyId = 'test-key', validFrom = '2025-01-01T00:00:00.000Z', validUntil }: Partial<TrustedKey> = {},
): TestSigner {
  const { privateKey, publicKey } =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const trusted: TrustedKey = {
    keyId,
    algorithm,
    publicKey: { ...publicKey.export({ format: 'jwk' }) },
    validFrom,
    ...(validUntil === undefined ? {} : { validUntil }),
  };
  return {
    trusted,
    currentKey: async () => trusted,
    sign: async (_keyId, data) => rawSignature(algorithm, privateKey, data),
  };
}

function rawSignature(algorithm: SignatureAlgorithm, key: KeyObject, data: Uint8Array): Buffer {
  return algorithm === 'EdDSA'
    ? sign(null, data, key)
    : sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
}
