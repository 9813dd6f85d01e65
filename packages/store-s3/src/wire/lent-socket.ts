import { validateHeaderValue } from 'node:http';
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { LentBody } from '@lcb/core';
import { type Answer, headerOf, type Server } from './exchange.ts';
import { type ResponseHead, readHead } from './response-head.ts';

const blockBytes = 256 * 1024;
/** One lent, one that waits, and one that is filled: a socket under TLS has more to say after it was told to stop. */
const blockCount = 3;

export interface LentGet {
  readonly server: Server;
  /** Percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Until the answer begins. */
  readonly milliseconds: number;
  /** How long the body may keep silent. */
  readonly idleMilliseconds: number;
  /** What the reader is told when fewer bytes come than were announced. */
  readonly broken: (reason: string, position: number, size: number) => Error;
}

export interface LentAnswer {
  readonly head: Pick<Answer, 'rawHeaders'>;
  readonly size: number;
  readonly body: LentBody;
}

/**
 * A GET over a connection of its own whose bytes are read into the same memory again and again: Node's client takes a new piece of memory for
 * each 64 KiB, and several times as long. `undefined` for every answer but 200 with a length: it has to be asked for in the usual way, which
 * knows redirects, errors and tries.
 * @throws errors of the network, and a TypeError for a header that can't be one
 */
export async function lentGet(get: LentGet): Promise<LentAnswer | undefined> {
  // An etag of a listing is anything that a server says: it must not become a header, or a request, of its own.
  for (const [name, value] of Object.entries(get.headers)) validateHeaderValue(name, value);
  const socket = new LentSocket(get);
  const head = await socket.head;
  const size = head === undefined ? undefined : plainLength(head);
  if (head === undefined || size === undefined) {
    socket.destroy();
    return undefined;
  }
  return { head, size, body: socket };
}

function plainLength(head: ResponseHead): number | undefined {
  const length = headerOf(head, 'content-length');
  const isPlain = head.status === 200 && headerOf(head, 'transfer-encoding') === undefined;
  return isPlain && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

class LentSocket implements LentBody {
  readonly head: Promise<ResponseHead | undefined>;
  readonly #get: LentGet;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout;
  readonly #blocks: Buffer[] = [];
  /** The block that is filled, where what it has of the body begins, and how far it is filled. */
  #filling = 0;
  #from = 0;
  #at = 0;
  readonly #waiting: Uint8Array[] = [];
  readonly #settleHead: (head: ResponseHead | undefined, error?: Error) => void;
  #size: number | undefined;
  /** Bytes of the body that have come. */
  #position = 0;
  #wake: (() => void) | undefined;
  #errored: Error | null = null;
  #isDestroyed = false;

  constructor(get: LentGet) {
    this.#get = get;
    const { promise, resolve, reject } = Promise.withResolvers<ResponseHead | undefined>();
    this.head = promise;
    this.#settleHead = (head, error) => (error === undefined ? resolve(head) : reject(error));
    this.#socket = opened(get.server, { buffer: () => this.#room(), callback: (count) => this.#take(count) });
    this.#timer = setTimeout(() => this.#onSilence(), get.milliseconds);
    this.#socket.on('error', (error) => this.#fail('the connection was lost', error));
    this.#socket.once('end', () => this.#fail('the body ended'));
    this.#socket.once('close', () => this.#fail('the connection was closed'));
    const { path, headers } = get;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`, 'latin1');
  }

  get errored(): Error | null {
    return this.#errored;
  }

  destroy(): void {
    this.#isDestroyed = true;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#waiting.shift();
        if (chunk !== undefined) {
          this.#goOn();
          yield chunk;
        } else if (this.#errored !== null) throw this.#errored;
        else if (this.#position === this.#size || this.#isDestroyed) return;
        else await this.#more();
      }
    } finally {
      this.destroy();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #goOn(): void {
    if (this.#isDestroyed || this.#position === this.#size) return;
    this.#timer.refresh();
    this.#socket.resume();
  }

  /** Where the next bytes go. Never empty. */
  #room(): Buffer {
    this.#blocks[this.#filling] ??= Buffer.allocUnsafeSlow(blockBytes);
    return (this.#blocks[this.#filling] ?? Buffer.alloc(1)).subarray(this.#at);
  }

  /** So many bytes have come. Are more wanted now? */
  #take(count: number): boolean {
    const block = this.#blocks[this.#filling];
    if (this.#isDestroyed || block === undefined) return false;
    this.#at += count;
    if (this.#size === undefined && !this.#takeHead(block)) return true;
    const { length } = block;
    const size = this.#size ?? 0;
    const fresh = this.#at - Math.max(this.#from, this.#at - count);
    // What comes after the announced bytes is not the body's.
    const over = Math.max(0, this.#position + fresh - size);
    this.#position += fresh - over;
    this.#timer.refresh();
    const isWhole = this.#position === size;
    if (!isWhole && this.#at < length) return this.#waiting.length === 0;
    if (this.#at - over > this.#from) this.#waiting.push(block.subarray(this.#from, this.#at - over));
    this.#filling = (this.#filling + 1) % blockCount;
    this.#from = 0;
    this.#at = 0;
    if (isWhole) {
      clearTimeout(this.#timer);
      this.#socket.destroy();
    } else if (this.#waiting.length === blockCount - 1) {
      // The next block is the reader's.
      this.#fail('more came than was asked for');
    }
    this.#wake?.();
    return !isWhole && this.#waiting.length === 0;
  }

  /** Has the body begun? */
  #takeHead(block: Buffer): boolean {
    const head = readHead(block.subarray(0, this.#at));
    if (head === undefined) return false;
    const size = head === 'not plain' ? undefined : plainLength(head);
    if (head === 'not plain' || size === undefined) {
      this.#settleHead(undefined);
      this.destroy();
      return false;
    }
    this.#from = head.length;
    this.#size = size;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onSilence(), this.#get.idleMilliseconds);
    this.#settleHead(head);
    return true;
  }

  #onSilence(): void {
    // While the reader holds the body back, silence is no fault of the server.
    if (this.#waiting.length > 0) this.#timer.refresh();
    else this.#fail('the server kept silent');
  }

  #fail(reason: string, cause?: Error): void {
    if (this.#isDestroyed || this.#errored !== null || this.#position === this.#size) return;
    this.#errored = this.#get.broken(reason, this.#position, this.#size ?? 0);
    this.#settleHead(undefined, cause ?? this.#errored);
    clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#wake?.();
  }
}

function opened({ isTls, hostname: host, port }: Server, onread: OnReadOpts): Socket {
  if (!isTls) return connect({ host, port: port ?? 80, onread });
  // A name is told to the server, an address may not be.
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  // The types know it of plain sockets only.
  const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
    host,
    port: port ?? 443,
    ALPNProtocols: ['http/1.1'],
    ...name,
    onread,
  };
  return connectTls(options);
}
