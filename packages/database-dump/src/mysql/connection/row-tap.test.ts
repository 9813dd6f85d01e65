import { createServer, type Socket } from 'node:net';
import mysql from 'mysql2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowTap } from './row-tap.ts';

function packet(sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header[3] = sequence & 0xff;
  return Buffer.concat([header, body]);
}
const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);

const greeting = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('8.0.0\0'),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from('12345678\0'),
  // PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH; utf8mb4; autocommit.
  Buffer.from([0x00, 0x82, 45, 2, 0, 0x08, 0, 21]),
  Buffer.alloc(10),
  Buffer.from('123456789012\0mysql_native_password\0'),
]);
const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const end = Buffer.from([0xfe, 0, 0, 2, 0]);
const failure = Buffer.concat([Buffer.from([0xff, 0x25, 0x05]), Buffer.from('#70100Query was interrupted')]);
const column = Buffer.concat([
  ...['def', 's', 't', 't', 'a', 'a'].map(text),
  Buffer.from([0x0c, 45, 0, 255, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0]),
]);

/** Numbered as a server does, from 1 on. */
const answer = (bodies: readonly Buffer[]) =>
  Buffer.concat(bodies.map((body, index) => packet(index + 1, body)));

/** A server that says one thing to each question, cut into pieces. */
const answers = new Map<string, { readonly bytes: Buffer; readonly piece: number }>();
let port = 0;
const server = createServer((socket: Socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.write(packet(0, greeting));
  let isIn = false;
  socket.on('data', (asked) => {
    if (!isIn) {
      isIn = true;
      socket.write(packet(2, ok));
      return;
    }
    const found = [...answers].find(([name]) => asked.includes(name));
    if (!found) return;
    const [, { bytes, piece }] = found;
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

/** What is tapped of an answer, what the driver makes of the rest, and what of the next question. */
async function tapped(name: string, bytes: Buffer, piece: number) {
  answers.set(name, { bytes, piece });
  answers.set('AFTER', { bytes: answer([Buffer.from([1]), column, end, text('next'), end]), piece: 1000 });
  const connection = mysql.createConnection({ host: '127.0.0.1', port, user: 'u', password: 'p' });
  connection.on('error', () => {});
  const warnings: unknown[] = [];
  connection.on('warn', (warning) => warnings.push(warning));
  const ask = (sql: string) =>
    new Promise<unknown>((resolve) => {
      connection.query(sql, (error, rows) => resolve(error ? error.message : rows));
    });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    const rows: string[] = [];
    new RowTap(connection, (chunk, from, to) => rows.push(chunk.toString('latin1', from + 1, to)));
    const result = await ask(name);
    return { rows, result, after: await ask('AFTER'), warnings };
  } finally {
    connection.destroy();
  }
}

const next = [{ a: 'next' }];
const many = Array.from({ length: 300 }, (_, index) => `row ${index}`);

describe('RowTap', () => {
  it.each([1, 2, 3, 4, 5, 7, 64, 4096])(
    'takes rows that arrive in pieces of %i bytes, and hides them from the driver',
    async (piece) => {
      const bytes = answer([Buffer.from([1]), column, end, ...many.map(text), end]);
      expect(await tapped(`PIECE${piece};`, bytes, piece)).toEqual({
        rows: many,
        result: [],
        after: next,
        warnings: [],
      });
    },
  );

  it('takes no row of an empty result', async () => {
    const bytes = answer([Buffer.from([1]), column, end, end]);
    expect(await tapped('EMPTY', bytes, 1000)).toEqual({ rows: [], result: [], after: next, warnings: [] });
  });

  it.each([1, 1000])('leaves an error to the driver, before the rows (pieces of %i)', async (piece) => {
    const found = await tapped(`REFUSED${piece};`, answer([failure]), piece);
    expect(found).toEqual({ rows: [], result: 'Query was interrupted', after: next, warnings: [] });
  });

  it('leaves an error to the driver, among the rows', async () => {
    const bytes = answer([Buffer.from([1]), column, end, ...many.map(text), failure]);
    const found = await tapped('BROKEN', bytes, 100);
    expect(found).toEqual({ rows: many, result: 'Query was interrupted', after: next, warnings: [] });
  });

  it('leaves an answer without rows to the driver', async () => {
    const found = await tapped('NOTHING', answer([ok]), 1000);
    expect(found).toMatchObject({ rows: [], result: { affectedRows: 0 }, after: next, warnings: [] });
  });

  it('may be put on for each of many queries', async () => {
    answers.set('AGAIN', { bytes: answer([Buffer.from([1]), column, end, text('x'), end]), piece: 1000 });
    const connection = mysql.createConnection({ host: '127.0.0.1', port, user: 'u', password: 'p' });
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    let rows = 0;
    for (let time = 0; time < 12_000; time += 1) {
      new RowTap(connection, () => {
        rows += 1;
      });
      await new Promise<void>((resolve, reject) => {
        connection.query('AGAIN', (error) => (error ? reject(error) : resolve()));
      });
    }
    connection.destroy();
    expect(rows).toBe(12_000);
  });

  it('takes rows of more columns than a byte counts', async () => {
    const columns = Array.from({ length: 300 }, () => column);
    const head = Buffer.from([0xfc, 300 & 0xff, 300 >> 8]);
    const bytes = answer([head, ...columns, end, text('a'), text('b'), end]);
    expect(await tapped('WIDE', bytes, 77)).toEqual({
      rows: ['a', 'b'],
      result: [],
      after: next,
      warnings: [],
    });
  });
});
