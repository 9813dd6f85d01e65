import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { ComparedTable } from './tables.ts';

const NEWLINE = 0x0a;

export interface RowHash {
  readonly rows: number;
  /** SHA-256 of all rows in key order, hexadecimal. */
  readonly sha256: string;
}

/** Hashes a table's rows as they arrive. */
export async function hashRows(client: Client, table: ComparedTable): Promise<RowHash> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const chunk of copyChunks(client, table)) {
    hash.update(chunk);
    // COPY escapes line breaks inside a value, so each one that is left ends a row.
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
  }
  return { rows, sha256: hash.digest('hex') };
}

/** A table's rows in key order, each as one line of COPY text without its line break. */
export async function* copyLines(client: Client, table: ComparedTable): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of copyChunks(client, table)) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, start)) {
      yield text.toString('utf8', start, end);
      start = end + 1;
    }
    rest = text.subarray(start);
  }
}

async function* copyChunks(client: Client, table: ComparedTable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = client.query(copyTo(table.copy, { highWaterMark: 1024 * 1024 }));
  yield* chunks;
}
