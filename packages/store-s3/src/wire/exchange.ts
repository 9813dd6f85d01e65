import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Agents } from '../s3-connection.ts';

export interface Exchange {
  readonly url: URL;
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
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request and its whole answer, which is a small document, or an error: of the network, `TimeoutError`, or the signal's reason. */
export function exchange(given: Exchange): Promise<Answer> {
  const { url, method, path, headers, body, agents, signal, milliseconds } = given;
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    const send = isTls ? httpsRequest : httpRequest;
    const request = send({
      protocol: url.protocol,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? undefined : Number(url.port),
      method,
      path,
      headers,
      agent: isTls ? agents.https : agents.http,
      setHost: false,
    });
    const onAbort = () => request.destroy(asError(signal?.reason));
    const timer = setTimeout(() => request.destroy(silence(milliseconds)), milliseconds);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    request.once('error', (error) => settle(() => reject(error)));
    request.once('response', (response) => collect(request, response, settle, resolve, reject));
    request.end(body);
    if (signal?.aborted) onAbort();
  });
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
    settle(() =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes.toString('utf8') }),
    );
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

/** One header's value; of one that came several times the first. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
