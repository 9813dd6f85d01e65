import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { type S3Connection, s3Connection, s3Store } from '@lcb/store-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { numberedBytes } from './object-store/bytes.ts';

const run = promisify(execFile);
const mebibyte = 2 ** 20;
const bytes = numberedBytes(12 * mebibyte, 7);

const withOpenssl = await requireOrSkip('openssl', async () => void (await run('openssl', ['version'])));
withOpenssl('a bucket behind TLS', () => {
  const trusted = getCACertificates('default');
  let folder: string;
  let server: Server;
  let connection: S3Connection;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lcb-tls-'));
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile];
    await run('openssl', ['req', ...made, ...subject]);
    const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile, 'utf8')]);
    server = createServer({ key, cert }, (_request, response) => {
      response.setHeader('etag', '"e"').setHeader('content-length', bytes.length);
      response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no port');
    setDefaultCACertificates([...trusted, cert]);
    const endpoint = `https://localhost:${address.port}`;
    connection = s3Connection(
      { endpoint, accessKeyId: 'env:ID', secretAccessKey: 'env:SECRET' },
      { resolve: async (ref) => ref },
    );
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    connection.client.destroy();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([0, 1, 20])('lends an object to a reader who takes %i ms for each chunk', async (milliseconds) => {
    const { info, body } =
      (await s3Store('s3://bucket', connection).lend?.('key', { size: bytes.length })) ?? {};
    expect(info).toMatchObject({ size: bytes.length, etag: 'e' });
    const chunks: Buffer[] = [];
    for await (const chunk of body ?? []) {
      if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      chunks.push(Buffer.from(chunk));
    }
    // Not by the client, whose chunks are smaller.
    expect(chunks.length).toBeLessThan(60);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('lends nothing from a server that nobody vouches for', async () => {
    setDefaultCACertificates(trusted);
    const lent = s3Store('s3://bucket', connection).lend?.('key', { size: bytes.length });
    await expect(lent).rejects.toThrow(/certificate/);
  });
});
