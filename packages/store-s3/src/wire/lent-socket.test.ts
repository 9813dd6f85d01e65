import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type LentAnswer, lentGet } from './lent-socket.ts';

const mebibyte = 2 ** 20;
let server: Server | undefined;
let sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  server?.close();
});

/** Asks a server that answers so. */
async function asked(answer: (socket: Socket, request: string) => void): Promise<LentAnswer | undefined> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (request) => answer(socket, request.toString('latin1')));
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return lentGet({
    server: { isTls: false, hostname: '127.0.0.1', port: address.port },
    path: '/bucket/key',
    headers: { host: 'here', 'x-a': 'b' },
    milliseconds: 300,
    idleMilliseconds: 300,
    broken: (reason, position, size) => new Error(`${reason} after ${position} of ${size}`),
  });
}

function ok(length: number): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nETag: "e"\r\n\r\n`;
}

function numbered(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

async function read({ body }: LentAnswer, each?: (chunk: Uint8Array) => Promise<void>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    await each?.(chunk);
    // Looked at only now: nothing may have been written into it meanwhile.
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function opened(answer: LentAnswer | undefined): LentAnswer {
  if (answer === undefined) throw new TypeError('It was not opened.');
  return answer;
}

it.each([0, 1, 256 * 1024 - 40, 256 * 1024, 5 * mebibyte + 3])(
  'reads %i bytes, however they come, and asks once',
  async (size) => {
    const bytes = numbered(size);
    const requests: string[] = [];
    const answer = opened(
      await asked((socket, request) => {
        requests.push(request);
        const head = ok(size);
        socket.write(head.slice(0, 30));
        setTimeout(() => socket.end(Buffer.concat([Buffer.from(head.slice(30)), bytes])), 20);
      }),
    );
    expect(answer).toMatchObject({ size });
    expect((await read(answer)).equals(bytes)).toBe(true);
    expect(answer.body.errored).toBeNull();
    expect(requests).toEqual([
      'GET /bucket/key HTTP/1.1\r\nhost: here\r\nx-a: b\r\nconnection: close\r\n\r\n',
    ]);
  },
);

it('leaves a chunk alone while it is lent, and the server waiting meanwhile, also for longer than one may keep silent', async () => {
  const bytes = numbered(6 * mebibyte);
  const answer = opened(
    await asked((socket) => socket.end(Buffer.concat([Buffer.from(ok(bytes.length)), bytes]))),
  );
  let chunks = 0;
  const slow = async () => {
    chunks += 1;
    await pause(chunks === 2 ? 700 : 5);
  };
  expect((await read(answer, slow)).equals(bytes)).toBe(true);
});

it('takes the announced bytes for the body, and nothing of what follows', async () => {
  const answer = opened(await asked((socket) => socket.end(`${ok(4)}bodyHTTP/1.1 200 OK\r\n\r\n`)));
  expect((await read(answer)).toString()).toBe('body');
});

it.each([
  ['an error', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
  ['a redirect', 'HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\nbody'],
  ['pieces', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nbody'],
  ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n'],
  ['another protocol', 'SSH-2.0-server\r\n\r\n'],
])('leaves an answer with %s to the client', async (_what, text) => {
  expect(await asked((socket) => socket.end(text))).toBeUndefined();
});

it.each([
  ['ends without an answer', (socket: Socket) => socket.end()],
  ['is cut', (socket: Socket) => socket.resetAndDestroy()],
  ['keeps silent', () => undefined],
])('fails when the connection %s', async (_what, answer) => {
  await expect(asked(answer)).rejects.toThrow();
});

it.each([
  ['ends', (socket: Socket) => socket.end(), /ended|closed/],
  ['is cut', (socket: Socket) => socket.resetAndDestroy(), /lost|closed/],
  ['keeps silent', () => undefined, /silent/],
])('never ends short when the connection %s', async (_what, then, reason) => {
  const answer = opened(
    await asked((socket) => {
      socket.write(Buffer.concat([Buffer.from(ok(2 * mebibyte)), numbered(mebibyte)]));
      setTimeout(then, 50, socket);
    }),
  );
  const reading = read(answer);
  await expect(reading).rejects.toThrow(reason);
  await expect(reading).rejects.toThrow(`after ${mebibyte} of ${2 * mebibyte}`);
  expect(answer.body.errored).not.toBeNull();
});

it('makes no request of what is no header', async () => {
  const get = {
    server: { isTls: false, hostname: '127.0.0.1', port: 1 },
    path: '/bucket/key',
    headers: { 'if-match': '"e"\r\nx-amz-acl: public-read' },
    milliseconds: 300,
    idleMilliseconds: 300,
    broken: (reason: string) => new Error(reason),
  };
  await expect(lentGet(get)).rejects.toThrow('Invalid character');
});

it('closes the connection of a reader who leaves, or never comes', async () => {
  for (const leave of [
    async ({ body }: LentAnswer) => {
      for await (const _chunk of body) break;
    },
    async ({ body }: LentAnswer) => body.destroy(),
  ]) {
    const answer = opened(
      await asked((socket) =>
        socket.write(Buffer.concat([Buffer.from(ok(9 * mebibyte)), numbered(mebibyte)])),
      ),
    );
    const [socket] = sockets.slice(-1);
    const closed = new Promise((resolve) => socket?.once('close', resolve));
    await leave(answer);
    await closed;
    expect(answer.body.errored).toBeNull();
    server?.close();
  }
});
