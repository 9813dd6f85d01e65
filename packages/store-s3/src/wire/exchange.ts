import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Agents } from '../s3-connection.ts';
import { onAbort } from './on-abort.ts';

/** Bytes. For a larger body leave is asked first, … */
const askedFrom = 2 * 2 ** 20;
/** … and taken for given after this long: not every server answers. */
const continueMilliseconds = 1000;

/** Where requests go, taken apart once and not for each of them. */
export interface Server {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number | undefined;
}

export function serverOf({ protocol, hostname, port }: URL): Server {
  return {
    isTls: protocol === 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
  };
}

export interface Exchange {
  readonly server: Server;
  readonly method: string;
  /** Path and parameters, percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly agents: Agents;
  readonly signal: AbortSignal | undefined;
  /** Until the whole answer is there. */
  readonly milliseconds: number;
}

export interface Answer {
  readonly status: number;
  /** Put together when they are looked at. One of them is found by {@link headerOf} at a fraction. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** One request and its whole answer, which is a small document, or an error: of the network, `TimeoutError`, or the signal's reason. */
export function exchange(given: Exchange): Promise<Answer> {
  const { server, method, path, body, agents, signal, milliseconds } = given;
  return new Promise((resolve, reject) => {
    const { isTls } = server;
    const send = isTls ? httpsRequest : httpRequest;
    const isAsked = body !== undefined && body.length >= askedFrom;
    const request = send({
      protocol: isTls ? 'https:' : 'http:',
      host: server.hostname,
      port: server.port,
      method,
      path,
      // In a row they are written as they are; as an object each would be kept and looked up first.
      headers: inRow(isAsked ? { ...given.headers, expect: '100-continue' } : given.headers),
      agent: isTls ? agents.https : agents.http,
      setHost: false,
    });
    const abort = () => request.destroy(asError(signal?.reason));
    const timer = setTimeout(() => request.destroy(silence(milliseconds)), milliseconds);
    const endWaiting = onAbort(signal, abort);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      endWaiting();
      // Answered before it was sent: nothing may be sent any more from memory that its owner now uses again.
      if (!request.writableFinished) request.destroy();
      act();
    };
    request.once('error', (error) => settle(() => reject(error)));
    request.once('response', (response) => collect(request, response, settle, resolve, reject));
    if (isAsked) endWhenTold(request, body);
    else request.end(body);
    if (signal?.aborted) abort();
  });
}

/** A server that refuses says so before so many bytes are sent, and a connection that it then closes loses no answer. */
function endWhenTold(request: ClientRequest, body: Buffer): void {
  const timer = setTimeout(end, continueMilliseconds);
  function end(): void {
    clearTimeout(timer);
    if (!request.writableEnded && !request.destroyed) request.end(body);
  }
  request.once('continue', end);
  request.once('close', () => clearTimeout(timer));
  request.once('response', () => clearTimeout(timer));
  request.flushHeaders();
}

function inRow(headers: Readonly<Record<string, string>>): string[] {
  const row: string[] = [];
  for (const name of Object.keys(headers)) row.push(name, headers[name] ?? '');
  return row;
}

function collect(
  request: ClientRequest,
  response: IncomingMessage,
  settle: (act: () => void) => void,
  resolve: (answer: Answer) => void,
  reject: (error: Error) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.once('end', () => {
    const [only] = chunks;
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    const answer = {
      status: response.statusCode ?? 0,
      rawHeaders: response.rawHeaders,
      get headers() {
        return response.headers;
      },
      body: bytes.toString('utf8'),
    };
    settle(() => resolve(answer));
  });
  // Cut off before its announced end, also by our own hand: that is what the request was destroyed with then.
  response.once('error', (error) => settle(() => reject(request.errored ?? error)));
}

function silence(milliseconds: number): Error {
  const error = new Error(`there was no whole answer in ${milliseconds / 1000} s`);
  error.name = 'TimeoutError';
  return error;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** One header's value, by its name in lower case; of one that came several times the first. */
export function headerOf({ rawHeaders }: Pick<Answer, 'rawHeaders'>, name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at];
    if (other?.length === name.length && other.toLowerCase() === name) return rawHeaders[at + 1];
  }
  return undefined;
}
