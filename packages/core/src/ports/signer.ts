import { z } from 'zod';
import { timeSchema } from '../model/values.ts';

/** EdDSA is Ed25519. */
export const signatureAlgorithmSchema = z.enum(['EdDSA', 'ES256']);
export type SignatureAlgorithm = z.infer<typeof signatureAlgorithmSchema>;

/** A public key and the time in which its signatures count. */
export const trustedKeySchema = z.object({
  keyId: z.string().min(1),
  algorithm: signatureAlgorithmSchema,
  /** Public JSON Web Key (RFC 7517). */
  publicKey: z.record(z.string(), z.unknown()).refine((jwk) => !('d' in jwk), 'holds a private key'),
  validFrom: timeSchema,
  /** Absent while the key is in use. */
  validUntil: timeSchema.optional(),
});
export type TrustedKey = z.infer<typeof trustedKeySchema>;

/** Signs by key id; the private key never leaves the key service (locally: a file that only the owner can read). */
export interface Signer {
  /** The key that signs now. */
  currentKey(): Promise<TrustedKey>;
  /** Raw signature (64 bytes for both algorithms; ES256 as r‖s), as JWS wants it. */
  sign(keyId: string, data: Uint8Array): Promise<Uint8Array>;
}
