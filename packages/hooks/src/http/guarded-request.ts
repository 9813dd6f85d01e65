import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Address } from '../egress/egress-guard.ts';

/** Bytes of an answer that are read before the connection is cut. Nothing of them is used. */
const largestAnswer = 64 * 1024;

export interface GuardedRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The addresses that were checked, and no others. */
  readonly addresses: readonly Address[];
  readonly signal: AbortSignal;
}

/**
 * Sends one request and answers with its status. Redirects are not followed, since they could lead anywhere; no proxy takes
 * part, since it would resolve the name itself; no connection is kept, since the next check could decide otherwise.
 */
export async function sendGuarded(request: GuardedRequest): Promise<number> {
  const { url, method, headers, body, addresses, signal } = request;
  const isTls = url.protocol === 'https:';
  const send = isTls ? httpsRequest : httpRequest;
  const agent = isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  const sent = send(url, {
    method,
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    agent,
    lookup: pinned(addresses),
    signal,
    maxHeaderSize: 16 * 1024,
  });
  const { status, rest } = await new Promise<Answer>((resolve, reject) => {
    sent.once('response', (answer) => resolve({ status: answer.statusCode ?? 0, rest: answer }));
    // Nobody asked for another protocol. Without a listener, Node closes the connection and tells nobody.
    sent.once('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode });
    });
    // Stays: an error that comes after the answer shows in the answer's body, too.
    sent.on('error', reject);
    // Comes last of all, and counts only where nothing else has come.
    sent.once('close', () => reject(new Error('the connection was closed without an answer')));
    sent.end(body);
  });
  if (rest !== undefined) await discard(rest);
  return status;
}

interface Answer {
  readonly status: number;
  /** What follows the status, where anything may. */
  readonly rest?: IncomingMessage;
}

/** Answers with what was checked, whatever the name leads to by now. */
function pinned(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** The status is all that counts. What follows is read, so that the other side sees a proper end, but not without end. */
async function discard(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > largestAnswer) {
      answer.destroy();
      return;
    }
  }
}
