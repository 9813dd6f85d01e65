import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { s3Connection } from './s3-connection.ts';
import { s3Store } from './s3-store.ts';

/** What a bucket says of its versions whose server answers with this document. */
async function answered(xml: string): Promise<string | undefined> {
  const server = createServer((_request, response) => response.end(xml));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const connection = s3Connection(
    { endpoint: `http://127.0.0.1:${port}`, accessKeyId: 'env:ID', secretAccessKey: 'env:SECRET' },
    { resolve: async (ref: string) => ref },
  );
  try {
    return await s3Store('s3://bucket', connection).versioning?.();
  } finally {
    connection.client.destroy();
    server.closeAllConnections();
    server.close();
  }
}

const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/';

it.each([
  [`<VersioningConfiguration xmlns="${xmlns}"/>`, 'never'],
  [`<?xml version="1.0"?>\n<VersioningConfiguration xmlns="${xmlns}"></VersioningConfiguration>`, 'never'],
  ['<VersioningConfiguration><Status></Status></VersioningConfiguration>', 'never'],
  ['<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>', 'enabled'],
  [
    '<VersioningConfiguration><MfaDelete>Disabled</MfaDelete><Status>Suspended</Status></VersioningConfiguration>',
    'suspended',
  ],
])('reads %s', async (xml, expected) => {
  expect(await answered(xml)).toBe(expected);
});

it.each([
  ['', 'objectStore.noListing'],
  ['<html><body>Please log in.</body></html>', 'objectStore.noListing'],
  ['<VersioningConfiguration><Status>Enab', 'objectStore.noListing'],
  ['<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>', 'objectStore.noListing'],
  ['<VersioningConfiguration><Status>Sometimes</Status></VersioningConfiguration>', 'objectStore.failed'],
])('does not take %j for a bucket that never kept versions', async (xml, code) => {
  await expect(answered(xml)).rejects.toMatchObject({ code });
});
