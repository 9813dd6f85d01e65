import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IntegrityError } from '../errors/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { TrustedKey } from '../ports/signer.ts';
import { type TestSigner, testSigner } from '../testing/test-signer.ts';
import { signDocument, verifyDocument } from './signed-document.ts';

const schema = z.object({ at: z.string(), what: z.json() });
const document = { at: '2025-11-09T14:30:00.000Z', what: 'a backup' };
const jwsSchema = z.object({ payload: z.string(), protected: z.string(), signature: z.string() });
type Jws = z.infer<typeof jwsSchema>;

function verify(bytes: Uint8Array, trusted: readonly TrustedKey[]) {
  return verifyDocument(bytes, 'lcb-manifest', schema, trusted);
}

/** A clock that stands still, so that a header can be forged in all but one thing. */
const clockAt = (at: string): Clock => ({ now: () => at });
const clock = clockAt('2025-11-09T14:30:00.000Z');
const iat = 1762698600;

const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** The same file with some of its parts replaced. */
function changed(bytes: Uint8Array, change: (jws: Jws) => Partial<Jws>): Buffer {
  const jws = jwsSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  const { payload, protected: header, signature } = { ...jws, ...change(jws) };
  return Buffer.from(`${JSON.stringify({ payload, protected: header, signature })}\n`);
}

describe.each(['EdDSA', 'ES256'] as const)('a document signed with %s', (algorithm) => {
  const other = algorithm === 'EdDSA' ? 'ES256' : 'EdDSA';
  const signer = testSigner(algorithm);
  const trusted = [testSigner(algorithm, { keyId: 'other-key' }).trusted, signer.trusted];
  let bytes: Uint8Array;
  beforeAll(async () => {
    bytes = await signDocument(signer, clock, 'lcb-manifest', document);
  });

  it('is read back, with the key and the hash of its bytes', async () => {
    await fc.assert(
      // `__proto__` is no name that a document of ours has, and the schema for any JSON leaves it out.
      fc.asyncProperty(
        fc.jsonValue().filter((any) => !JSON.stringify(any).includes('__proto__')),
        async (what) => {
          const file = await signDocument(signer, clock, 'lcb-manifest', { ...document, what });
          const { value, keyId, sha256 } = await verify(file, trusted);
          expect(value).toEqual(JSON.parse(JSON.stringify({ ...document, what })));
          expect(keyId).toBe('test-key');
          expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is refused with any bit of any byte turned', async () => {
    for (let offset = 0; offset < bytes.length; offset += 1) {
      for (const bit of [1, 2, 32]) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(offset) ^ bit, offset);
        await expect(verify(flipped, trusted), `bit ${bit} of byte ${offset}`).rejects.toBeInstanceOf(
          IntegrityError,
        );
      }
    }
  });

  it('is refused when cut anywhere or continued', async () => {
    for (let length = 0; length < bytes.length; length += 1) {
      await expect(verify(bytes.subarray(0, length), trusted), `${length} bytes`).rejects.toBeInstanceOf(
        IntegrityError,
      );
    }
    for (const more of ['\n', ' ', '\0', '{}']) {
      await expect(verify(Buffer.concat([bytes, Buffer.from(more)]), trusted)).rejects.toBeInstanceOf(
        IntegrityError,
      );
    }
  });

  const forgeries: readonly (readonly [
    string,
    string,
    (jws: Jws) => Partial<Jws> | Promise<Partial<Jws>>,
  ])[] = [
    ['another payload', 'signature.invalid', () => ({ payload: base64url({ ...document, what: 'evil' }) })],
    ['no signature', 'signature.invalid', () => ({ signature: '' })],
    [
      'another signature',
      'signature.invalid',
      () => ({ signature: Buffer.alloc(64, 1).toString('base64url') }),
    ],
    [
      'no algorithm',
      'document.malformed',
      () => ({
        protected: base64url({ alg: 'none', kid: 'test-key', typ: 'lcb-manifest', iat }),
        signature: '',
      }),
    ],
    [
      'a symmetric algorithm',
      'document.malformed',
      () => ({ protected: base64url({ alg: 'HS256', kid: 'test-key', typ: 'lcb-manifest', iat }) }),
    ],
    [
      'the other algorithm',
      'signature.untrusted',
      () => ({ protected: base64url({ alg: other, kid: 'test-key', typ: 'lcb-manifest', iat }) }),
    ],
    [
      'the name of another trusted key',
      'signature.invalid',
      () => ({ protected: base64url({ alg: algorithm, kid: 'other-key', typ: 'lcb-manifest', iat }) }),
    ],
    [
      'a header that says more',
      'signature.invalid',
      () => ({
        protected: base64url({
          alg: algorithm,
          kid: 'test-key',
          typ: 'lcb-manifest',
          iat,
          jwk: signer.trusted.publicKey,
        }),
      }),
    ],
    ['a header that is no JSON', 'document.malformed', () => ({ protected: base64url('{') })],
    [
      'a time of its own choice',
      'signature.invalid',
      () => ({
        protected: base64url({ alg: algorithm, kid: 'test-key', typ: 'lcb-manifest', iat: iat - 1 }),
      }),
    ],
    [
      'no time',
      'document.malformed',
      () => ({ protected: base64url({ alg: algorithm, kid: 'test-key', typ: 'lcb-manifest' }) }),
    ],
    ['no header', 'document.malformed', () => ({ protected: '' })],
  ];
  it.each(forgeries)('is refused with %s (%s)', async (_name, code, forge) => {
    const parts = await forge(jwsSchema.parse(JSON.parse(Buffer.from(bytes).toString())));
    await expect(
      verify(
        changed(bytes, () => parts),
        trusted,
      ),
    ).rejects.toMatchObject({ code, retryable: false });
  });

  it('is refused as another type of document', async () => {
    const record = await signDocument(signer, clock, 'lcb-record', document);
    await expect(verify(record, trusted)).rejects.toMatchObject({ code: 'document.malformed' });
    const renamed = changed(record, () => ({
      protected: base64url({ alg: algorithm, kid: 'test-key', typ: 'lcb-manifest', iat }),
    }));
    await expect(verify(renamed, trusted)).rejects.toMatchObject({ code: 'signature.invalid' });
  });

  it('is refused where its key is not trusted, or another key is under its name', async () => {
    for (const keys of [[], [testSigner(algorithm, { keyId: 'other-key' }).trusted]]) {
      await expect(verify(bytes, keys)).rejects.toMatchObject({
        code: 'signature.untrusted',
        message: expect.stringContaining('test-key'),
      });
    }
    await expect(verify(bytes, [testSigner(algorithm).trusted])).rejects.toMatchObject({
      code: 'signature.invalid',
    });
  });

  it('is refused where a trusted key says that it is of the other algorithm', async () => {
    const confused: TrustedKey = { ...signer.trusted, algorithm: other };
    await expect(verify(bytes, [confused])).rejects.toMatchObject({ code: 'signature.untrusted' });
    const header = { alg: other, kid: 'test-key', typ: 'lcb-manifest', iat };
    const pretending = changed(bytes, () => ({ protected: base64url(header) }));
    await expect(verify(pretending, [confused])).rejects.toMatchObject({ code: 'signature.invalid' });
  });

  it('is refused where what was signed has not the form', async () => {
    const strange = await signDocument(signer, clock, 'lcb-manifest', { at: 1 });
    await expect(verify(strange, trusted)).rejects.toMatchObject({ code: 'document.malformed' });
  });
});

describe('the validity of a key', () => {
  const sign = (signer: TestSigner, at: string) =>
    signDocument(signer, clockAt(at), 'lcb-manifest', document);
  const times: readonly (readonly [string, Partial<TrustedKey>, string, boolean])[] = [
    ['before it', { validFrom: '2025-02-01T00:00:00.000Z' }, '2025-01-31T23:59:59.999Z', false],
    ['at its beginning', { validFrom: '2025-02-01T00:00:00.000Z' }, '2025-02-01T00:00:00.000Z', true],
    ['at its end', { validUntil: '2025-03-01T00:00:00.000Z' }, '2025-03-01T00:00:00.000Z', true],
    ['after it', { validUntil: '2025-03-01T00:00:00.000Z' }, '2025-03-01T00:00:00.001Z', false],
    [
      'just after a beginning without fraction',
      { validFrom: '2025-02-01T00:00:00Z' },
      '2025-02-01T00:00:00.500Z',
      true,
    ],
    [
      'at a beginning without fraction',
      { validFrom: '2025-02-01T00:00:00Z' },
      '2025-02-01T00:00:00.000Z',
      true,
    ],
    [
      'just after an end without fraction',
      { validUntil: '2025-03-01T00:00:00Z' },
      '2025-03-01T00:00:00.500Z',
      false,
    ],
    ['at an end, without fraction', { validUntil: '2025-03-01T00:00:00.000Z' }, '2025-03-01T00:00:00Z', true],
  ];
  it.each(times)('%s', async (_name, validity, at, good) => {
    const signer = testSigner('EdDSA', validity);
    const verified = verify(await sign(signer, at), [signer.trusted]);
    if (good) await expect(verified).resolves.toMatchObject({ keyId: 'test-key' });
    else await expect(verified).rejects.toMatchObject({ code: 'signature.untrusted' });
  });

  it('begins with the very millisecond in which it was made, whichever that is', async () => {
    const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(time, async (date) => {
        const at = date.toISOString();
        const signer = testSigner('EdDSA', { validFrom: at, validUntil: at });
        await expect(verify(await sign(signer, at), [signer.trusted])).resolves.toMatchObject({
          value: document,
        });
      }),
    );
  });
});
