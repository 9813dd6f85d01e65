import { createHmac, hash } from 'node:crypto';

/** Who signs. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SignableRequest {
  readonly method: string;
  /** Percent-encoded, as it goes over the wire. */
  readonly path: string;
  /** Parameters in the order of their names, percent-encoded; empty without any. */
  readonly query: string;
  /** Names in lower case, `host` among them. All are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hexadecimal. */
  readonly bodySha256: string;
}

/** SHA-256 of nothing. */
export const emptySha256 = hash('sha256', '', 'hex');

/**
 * Signs requests by Signature Version 4, in headers. A fifth of the time that the SDK's signer takes: the key of a day is derived once,
 * and nothing waits.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export class RequestSigner {
  readonly #region: string;
  #key: { readonly day: string; readonly secret: string; readonly bytes: Buffer } | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  /** The headers to be sent. @param time of the server, as far as it is known */
  sign(request: SignableRequest, identity: Identity, time: Date): Record<string, string> {
    const { method, path, query, bodySha256 } = request;
    const stamp = time.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = stamp.slice(0, 8);
    const { accessKeyId, secretAccessKey, sessionToken } = identity;
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': bodySha256,
      'x-amz-date': stamp,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    };
    const names = Object.keys(headers).sort();
    let canonical = `${method}\n${path}\n${query}\n`;
    for (const name of names) canonical += `${name}:${singleSpaced(headers[name] ?? '')}\n`;
    const signed = names.join(';');
    canonical += `\n${signed}\n${bodySha256}`;
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const signature = createHmac('sha256', this.#keyOf(day, secretAccessKey)).update(text).digest('hex');
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return headers;
  }

  #keyOf(day: string, secret: string): Buffer {
    if (this.#key?.day === day && this.#key.secret === secret) return this.#key.bytes;
    const bytes = [this.#region, 's3', 'aws4_request'].reduce(
      (key, part) => hmac(key, part),
      hmac(`AWS4${secret}`, day),
    );
    this.#key = { day, secret, bytes };
    return bytes;
  }
}

function singleSpaced(value: string): string {
  const trimmed = value.trim();
  return trimmed.includes('  ') ? trimmed.replaceAll(/ +/g, ' ') : trimmed;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** A key as the path of a URL: percent-encoded, segment by segment. Most keys need nothing of it. */
export function pathEncoded(key: string): string {
  return /^[\w.~/-]*$/.test(key) ? key : key.split('/').map(percentEncoded).join('/');
}

/** Percent-encoded by the rule that signatures go by (RFC 3986, unreserved characters stay). */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
