import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptySha256, percentEncoded, RequestSigner } from './signature.ts';

/** What the SDK signs with. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

const time = new Date('2025-11-09T14:30:00.123Z');
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const visible = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

it('signs as the SDK does, whatever the key, the parameters and the headers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'PUT', 'HEAD', 'DELETE', 'POST'),
      fc.array(text, { minLength: 1, maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z-]{1,9}$/), text, { maxKeys: 4 }),
      fc.dictionary(fc.stringMatching(/^x-amz-[a-c]{1,9}$/), visible, { maxKeys: 3 }),
      fc.option(visible, { nil: undefined }),
      async (method, segments, parameters, headers, sessionToken) => {
        const identity = {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'secret',
          ...(sessionToken && { sessionToken }),
        };
        const path = `/${segments.map(percentEncoded).join('/')}`;
        const query = Object.keys(parameters)
          .sort()
          .map((name) => `${percentEncoded(name)}=${percentEncoded(parameters[name] ?? '')}`)
          .join('&');
        const host = 'bucket.s3.eu-central-1.amazonaws.com';
        const reference = new SignatureV4({
          service: 's3',
          region: 'eu-central-1',
          sha256: Sha256,
          uriEscapePath: false,
          credentials: identity,
        });
        const expected = await reference.sign(
          {
            method,
            protocol: 'https:',
            hostname: host,
            path,
            query: parameters,
            headers: { host, 'x-amz-content-sha256': emptySha256, ...headers },
          },
          { signingDate: time },
        );
        const signed = new RequestSigner('eu-central-1').sign(
          { method, path, query, headers: { host, ...headers }, bodySha256: emptySha256 },
          identity,
          time,
        );
        expect(signed).toEqual(expected.headers);
      },
    ),
  );
});

it('derives another key on another day, and for other credentials', () => {
  const signer = new RequestSigner('us-east-1');
  const request = { method: 'GET', path: '/', query: '', headers: { host: 'h' }, bodySha256: emptySha256 };
  const identity = { accessKeyId: 'a', secretAccessKey: 'b' };
  const signatures = [
    [identity, time],
    [identity, new Date('2025-11-10T14:30:00.123Z')],
    [{ ...identity, secretAccessKey: 'c' }, new Date('2025-11-10T14:30:00.123Z')],
    [identity, time],
  ] as const;
  const [first, second, third, again] = signatures.map(
    ([who, when]) => signer.sign(request, who, when).authorization,
  );
  expect(new Set([first, second, third]).size).toBe(3);
  expect(again).toBe(first);
});
