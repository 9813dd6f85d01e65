import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { operationOf, type S3Operation } from './s3-operation.ts';

/** What is done to a request instead of passing it on, or to its answer. */
export type Fault =
  /** Answered with this status and code, as S3 words its errors. Not passed on. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message?: string }
  /** Passed on, and answered with 200 and an error as the body, as a long copy may end. */
  | { readonly kind: 'errorIn200'; readonly code: string }
  /** Passed on, and the connection is cut after so many bytes of the answer's body. */
  | { readonly kind: 'cutsBody'; readonly after: number }
  /** Passed on, and the body stops after so many bytes, the connection open. */
  | { readonly kind: 'stopsBody'; readonly after: number }
  /** Passed on, and the connection is cut before the answer: it was done, but nobody hears of it. */
  | { readonly kind: 'losesAnswer' }
  /** Never answered. Not passed on. */
  | { readonly kind: 'hangs' }
  /** Answered with 200 and this body as if it were done. Not passed on. */
  | { readonly kind: 'pretends'; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Passed on, and the answer's headers are changed. */
  | {
      readonly kind: 'changesHeaders';
      readonly change: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
    }
  /** Passed on, and the answer's bytes are changed; its length says so. */
  | { readonly kind: 'changesBytes'; readonly change: (bytes: Buffer) => Buffer }
  /** Passed on after the promise is kept. */
  | { readonly kind: 'waitsFor'; readonly promise: Promise<unknown> }
  /** Passed on, and the answer's document is changed: a wrong size, a missing key, another order. */
  | { readonly kind: 'changes'; readonly change: (xml: string) => string }
  /** Answered as the same question was answered before: a listing that is stale. Passed on where it was not asked yet. */
  | { readonly kind: 'repeatsOldAnswer' };

export interface FaultRule {
  readonly operation?: S3Operation;
  /** Part of the decoded path, `/bucket/key`. */
  readonly path?: string;
  /** Only the nth such request from now on, and those after it; 1 unless said otherwise. */
  readonly from?: number;
  /** How many requests; all of them unless said otherwise. */
  readonly times?: number;
}

/** A proxy in front of an S3 server that misbehaves on command, and only then, and counts what it sees. */
export interface FaultyS3 {
  readonly endpoint: string;
  /** Requests seen since the last `heal`. */
  count(operation: S3Operation): number;
  /** Requests met with a fault since the last `heal`. */
  readonly faulted: number;
  misbehave(fault: Fault, rule?: FaultRule): void;
  /** Forgets all faults and counts. */
  heal(): void;
  stop(): Promise<void>;
}

interface Planned {
  readonly fault: Fault;
  readonly rule: FaultRule;
  seen: number;
}

export async function startFaultyS3(target: string): Promise<FaultyS3> {
  const counts = new Map<S3Operation, number>();
  const oldAnswers = new Map<string, Buffer>();
  let planned: Planned[] = [];
  let faulted = 0;

  function faultFor(operation: S3Operation, path: string): Fault | undefined {
    for (const plan of planned) {
      const { rule } = plan;
      const isMeant =
        (rule.operation === undefined || rule.operation === operation) &&
        (rule.path === undefined || path.includes(rule.path));
      if (!isMeant) continue;
      plan.seen += 1;
      const from = rule.from ?? 1;
      if (plan.seen >= from && plan.seen < from + (rule.times ?? Number.POSITIVE_INFINITY)) return plan.fault;
    }
    return undefined;
  }

  async function handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(asked.url ?? '/', target);
    const operation = operationOf(asked.method ?? '', url, asked.headers);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    const fault = faultFor(operation, decodeURIComponent(url.pathname));
    if (fault !== undefined) faulted += 1;
    const body = await buffer(asked);
    switch (fault?.kind) {
      case 'pretends':
        answer.writeHead(200, { 'content-type': 'application/xml', ...fault.headers });
        answer.end(fault.body);
        return;
      case 'error': {
        const { status, code, message = 'as told' } = fault;
        answer.writeHead(status, { 'content-type': 'application/xml' });
        answer.end(asked.method === 'HEAD' ? undefined : errorDocument(code, message));
        return;
      }
      case 'hangs':
        return;
      case 'waitsFor':
        await fault.promise;
    }
    const given = await passOn(asked, url, body);
    switch (fault?.kind) {
      case 'losesAnswer':
        given.resume();
        answer.destroy();
        return;
      case 'errorIn200':
        given.resume();
        answer.writeHead(200, { 'content-type': 'application/xml' });
        answer.end(errorDocument(fault.code, 'as told'));
        return;
      case 'cutsBody':
      case 'stopsBody': {
        answer.writeHead(given.statusCode ?? 500, given.headers);
        const whole = await buffer(given);
        answer.write(whole.subarray(0, fault.after), () => {
          if (fault.kind === 'cutsBody') answer.destroy();
        });
        return;
      }
      case 'changes':
        endWith(answer, given, Buffer.from(fault.change((await buffer(given)).toString())));
        return;
      case 'changesBytes':
        endWith(answer, given, fault.change(await buffer(given)));
        return;
      case 'changesHeaders':
        answer.writeHead(given.statusCode ?? 500, fault.change(given.headers));
        given.pipe(answer);
        return;
    }
    if (!operation.startsWith('List')) {
      answer.writeHead(given.statusCode ?? 500, given.headers);
      given.pipe(answer);
      return;
    }
    const whole = await buffer(given);
    const old = oldAnswers.get(url.href);
    if (fault?.kind === 'repeatsOldAnswer' && old !== undefined) return endWith(answer, given, old);
    oldAnswers.set(url.href, whole);
    endWith(answer, given, whole);
  }

  /** With the client's own headers, the host's name too: that is what was signed. */
  function passOn(asked: IncomingMessage, url: URL, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = url;
      const options = { hostname, port, path: asked.url, method: asked.method, headers: asked.headers };
      request(options, resolve).once('error', reject).end(body);
    });
  }

  const server = createServer((asked, answer) => {
    handle(asked, answer).catch((error: unknown) => {
      answer.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    count: (operation) => counts.get(operation) ?? 0,
    get faulted() {
      return faulted;
    },
    misbehave(fault, rule = {}) {
      planned.push({ fault, rule, seen: 0 });
    },
    heal() {
      planned = [];
      faulted = 0;
      counts.clear();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function endWith(answer: ServerResponse, { statusCode, headers }: IncomingMessage, body: Buffer): void {
  const { 'transfer-encoding': _chunked, ...rest } = headers;
  answer.writeHead(statusCode ?? 500, { ...rest, 'content-length': body.length });
  answer.end(body);
}

function errorDocument(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>1</RequestId></Error>`;
}
