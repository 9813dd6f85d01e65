import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import type { S3Connection } from '../s3-connection.ts';
import { type Answer, exchange, headerOf, type Server, serverOf } from './exchange.ts';
import { type LentAnswer, type LentGet, lentGet } from './lent-socket.ts';
import { emptySha256, type Identity, pathEncoded, percentEncoded, RequestSigner } from './signature.ts';
import { errorOf, isThrottling, isWorthATry, WireError } from './wire-error.ts';

type Fields = Readonly<Record<string, string | undefined>>;

export type LendRequest = Pick<WireRequest, 'query' | 'headers'> & Pick<LentGet, 'milliseconds' | 'broken'>;

export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Of the bucket; the bucket itself where it is left out. */
  readonly key?: string;
  /** Without a value: empty. */
  readonly query?: Fields | undefined;
  /** Names in lower case. */
  readonly headers?: Fields | undefined;
  readonly body?: Buffer;
  /** SHA-256 of the body in hexadecimal, where it is known. */
  readonly bodySha256?: string;
}

export interface WireControl {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that one try may take, to the end of its answer. */
  readonly requestTimeout: number;
  /** Told each time the server asks to slow down. */
  readonly onThrottled?: () => void;
}

interface Place {
  readonly server: Server;
  readonly host: string;
  /** What every path begins with, without a slash at its end. */
  readonly base: string;
  readonly region: string;
  readonly signer: RequestSigner;
}

/** What a request was signed with, of what may turn out to be wrong. */
interface SignedWith {
  readonly region: string;
  readonly clockOffset: number;
}

/** Codes of a server that is not the one of the bucket's region. */
const elsewhere: ReadonlySet<string> = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'BadRequest',
]);

/** Servers allow a quarter of an hour. */
const mostSkewMilliseconds = 5 * 60 * 1000;

const identityMilliseconds = 1000;

/** Milliseconds; doubled with each try, of which a random part is waited. */
const firstPause = 50;
const firstPauseThrottled = 300;
const longestPause = 20_000;

/**
 * The thin path to a bucket for what is asked a million times: list, describe, copy, delete. Where the bucket is, which region signs and whose
 * credentials are taken comes from the SDK's client, so there is one configuration; signing, sending and reading are done here, since
 * the SDK takes several times as long for them as the server for its work.
 */
export class Wire {
  readonly #bucket: string;
  readonly #connection: S3Connection;
  #place: Promise<Place> | undefined;
  #mostTries: number | undefined;
  #identity: { readonly value: Identity; readonly until: number } | undefined;
  /** Milliseconds by which the server's clock is ahead of ours, once it has complained. */
  #clockOffset = 0;

  constructor(bucket: string, connection: S3Connection) {
    this.#bucket = bucket;
    this.#connection = connection;
  }

  /**
   * Makes a request, and once more while the server throttles, fails or loses it, as often as the client would.
   * @throws WireError, errors of the network, the signal's reason
   */
  async request(request: WireRequest, control: WireControl): Promise<Answer> {
    this.#mostTries ??= await this.#connection.client.config.maxAttempts();
    const mostTries = this.#mostTries;
    let corrections = 0;
    for (let tries = 1; ; ) {
      let failure: unknown;
      try {
        const { answer, signedWith } = await this.#send(request, control);
        const error = errorOf(answer);
        if (error === undefined) return answer;
        if (corrections < 3 && this.#correct(error, answer, signedWith)) {
          corrections += 1;
          continue;
        }
        failure = error;
      } catch (error) {
        control.signal?.throwIfAborted();
        failure = error;
      }
      const isThrottled = failure instanceof WireError && isThrottling(failure);
      if (isThrottled) control.onThrottled?.();
      if (tries >= mostTries || !isWorthATry(failure)) throw failure;
      const first = isThrottled ? firstPauseThrottled : firstPause;
      const longest = Math.min(longestPause, first * 2 ** tries);
      tries += 1;
      await pause(
        Math.random() * longest,
        undefined,
        control.signal === undefined ? {} : { signal: control.signal },
      );
    }
  }

  /**
   * Opens an object for a reader that its bytes only pass by. `undefined` for all that is not simply the object: then the client is asked, which
   * knows what to do about it. @throws errors of the network
   */
  async lend(key: string, request: LendRequest): Promise<LentAnswer | undefined> {
    const { query, headers, ...rest } = request;
    const signed = await this.#signed({ method: 'GET', key, query, headers });
    const { idleMilliseconds } = this.#connection;
    return lentGet({ ...rest, ...signed, idleMilliseconds });
  }

  async #send(
    request: WireRequest,
    { signal, requestTimeout: milliseconds }: WireControl,
  ): Promise<{ readonly answer: Answer; readonly signedWith: SignedWith }> {
    const { signedWith, ...signed } = await this.#signed(request);
    const { method, body } = request;
    const { agents } = this.#connection;
    const answer = await exchange({
      ...signed,
      method,
      ...(body === undefined ? {} : { body }),
      agents,
      signal,
      milliseconds,
    });
    return { answer, signedWith };
  }

  async #signed(request: WireRequest) {
    this.#place ??= this.#remembered(this.#find(undefined));
    const place = await this.#place;
    const identity = await this.#identityNow();
    const { server, host, base, signer } = place;
    const { method, key, body } = request;
    const path = `${base}/${key === undefined ? '' : pathEncoded(key)}`;
    const query = queryOf(request.query ?? {});
    const headers: Record<string, string> = { host };
    for (const [name, value] of Object.entries(request.headers ?? {}))
      if (value !== undefined) headers[name] = value;
    if (method === 'PUT' || method === 'POST') headers['content-length'] = String(body?.length ?? 0);
    const bodySha256 = body === undefined ? emptySha256 : (request.bodySha256 ?? hash('sha256', body, 'hex'));
    const clockOffset = this.#clockOffset;
    const time = new Date(Date.now() + clockOffset);
    return {
      server,
      path: query === '' ? path : `${path}?${query}`,
      headers: signer.sign({ method, path, query, headers, bodySha256 }, identity, time),
      signedWith: { region: place.region, clockOffset },
    };
  }

  /** The chain of the client is asked no more than once a second, though it would know at once. */
  async #identityNow(): Promise<Identity> {
    const now = performance.now();
    if (this.#identity !== undefined && now < this.#identity.until) return this.#identity.value;
    const value = await this.#connection.client.config.credentials();
    this.#identity = { value, until: now + identityMilliseconds };
    return value;
  }

  /** What could not be found out is asked again by the next request. */
  #remembered(place: Promise<Place>): Promise<Place> {
    place.catch(() => {
      if (this.#place === place) this.#place = undefined;
    });
    return place;
  }

  /** Where the bucket is, as the client would work it out. */
  async #find(region: string | undefined): Promise<Place> {
    const { config } = this.#connection.client;
    const used = region ?? (await config.region());
    const there = { ...config, region: async () => used };
    const { url, properties } = await getEndpointFromInstructions(
      { Bucket: this.#bucket },
      ListObjectsV2Command,
      there,
      {},
    );
    const schemes: unknown = properties?.authSchemes;
    const [scheme] = Array.isArray(schemes) ? schemes : [];
    const signing = typeof scheme?.signingRegion === 'string' ? scheme.signingRegion : used;
    return {
      server: serverOf(url),
      host: url.host,
      base: url.pathname.replace(/\/$/, ''),
      region: used,
      signer: new RequestSigner(signing),
    };
  }

  /**
   * What another request would do better: another region, the server's time. Held against what this very request was signed with: of many
   * that are under way, one corrects for all, and all of them ask again.
   */
  #correct(error: WireError, answer: Answer, signedWith: SignedWith): boolean {
    const region = headerOf(answer, 'x-amz-bucket-region');
    if (elsewhere.has(error.Code) && region !== undefined && region !== signedWith.region) {
      this.#place = this.#remembered(this.#find(region));
      return true;
    }
    // An answer without a document, as that to HEAD, does not say why it is refused.
    const offset = Date.parse(headerOf(answer, 'date') ?? '') - Date.now();
    const isSkewed = Math.abs(offset - signedWith.clockOffset) > mostSkewMilliseconds;
    if (['RequestTimeTooSkewed', 'Forbidden'].includes(error.Code) && isSkewed) {
      this.#clockOffset = offset;
      return true;
    }
    return false;
  }
}

function queryOf(parameters: Fields): string {
  return Object.keys(parameters)
    .filter((name) => parameters[name] !== undefined)
    .sort()
    .map((name) => `${percentEncoded(name)}=${percentEncoded(parameters[name] ?? '')}`)
    .join('&');
}
