import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestServer } from './test-server.ts';

const run = promisify(execFile);
const MAX_BYTES = 64 * 1024 * 1024;

/** What `pg_dump` writes, as somebody else would call it. */
export async function plainDump(
  server: TestServer,
  database: string,
  options: readonly string[],
): Promise<string> {
  const { url, password } = server.connection(database);
  const { stdout } = await run(server.tools.pgDump, [...options, `--dbname=${url}`], {
    env: { ...process.env, PGPASSWORD: password ?? '' },
    maxBuffer: MAX_BYTES,
  });
  return stdout;
}

/** A file in chunks, cut where it hurts. */
export async function* inChunks(text: string | Buffer, size = 1021): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
