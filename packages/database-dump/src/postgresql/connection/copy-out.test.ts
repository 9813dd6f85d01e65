import { createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CopyOut } from './copy-out.ts';

function message(type: string, body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([header, bytes]);
}

const ready = message('Z', 'I');
const greeting = Buffer.concat([message('R', Buffer.alloc(4)), ready]);
const begins = message('H', Buffer.alloc(3));
const notice = message('N', 'SNOTICE\0C00000\0Mhello\0\0');
const failure = message('E', 'SERROR\0C57014\0Mcanceling statement\0\0');

/** A server that says one thing to whatever it is asked, cut into pieces. */
const answers = new Map<string, { readonly bytes: Buffer; readonly piece: number }>();
let port = 0;
const server = createServer((socket: Socket) => {
  let greeted = false;
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (asked) => {
    if (!greeted) {
      greeted = true;
      socket.write(greeting);
      return;
    }
    const name = [...answers.keys()].find((key) => asked.includes(key));
    const answer = name === undefined ? undefined : answers.get(name);
    if (!answer) return;
    const { bytes, piece } = answer;
    const send = async () => {
      for (let at = 0; at < bytes.length; at += piece) {
        socket.write(bytes.subarray(at, at + piece));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    void send();
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address === 'object' && address) port = address.port;
});
afterAll(() => void server.close());

async function copied(name: string, bytes: Buffer, piece: number) {
  answers.set(name, { bytes, piece });
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'u', database: 'd', password: 'p' });
  client.on('error', () => {});
  await client.connect();
  try {
    const copy = client.query(new CopyOut(name));
    let text = '';
    for await (const chunk of copy.rows()) text += chunk.toString();
    return { text, rowCount: copy.rowCount };
  } finally {
    await client.end();
  }
}

describe('CopyOut', () => {
  const rows = Array.from({ length: 40 }, (_, at) => `${at}\t${'x'.repeat(at % 9)}\n`);
  const answer = (end: readonly Buffer[]) =>
    Buffer.concat([
      begins,
      ...rows.flatMap((row, at) => (at === 7 ? [notice, message('d', row)] : [message('d', row)])),
      ...end,
    ]);

  it.each([1, 2, 3, 5, 7, 11, 10_000])('finds the rows, cut into pieces of %i bytes', async (piece) => {
    const bytes = answer([message('c'), message('C', 'COPY 40\0'), ready]);
    expect(await copied(`copy in ${piece} bytes`, bytes, piece)).toEqual({
      text: rows.join(''),
      rowCount: 40,
    });
  });

  it.each([1, 3, 10_000])("ends with the server's error, in pieces of %i bytes", async (piece) => {
    const copying = copied(`fails in ${piece} bytes`, answer([failure, ready]), piece);
    await expect(copying).rejects.toMatchObject({ code: '57014' });
  });

  it('has no rows where there are none', async () => {
    const bytes = Buffer.concat([begins, message('c'), message('C', 'COPY 0\0'), ready]);
    expect(await copied('nothing', bytes, 4)).toEqual({ text: '', rowCount: 0 });
  });

  it('passes on large rows whole', async () => {
    const row = `${'y'.repeat(700_000)}\n`;
    const bytes = Buffer.concat([
      begins,
      message('d', row),
      message('d', row),
      message('c'),
      message('C', 'COPY 2\0'),
      ready,
    ]);
    expect(await copied('large rows', bytes, 65_536)).toEqual({ text: row + row, rowCount: 2 });
  });
});
