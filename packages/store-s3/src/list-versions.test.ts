import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { type S3Connection, s3Connection } from './s3-connection.ts';
import { s3Store } from './s3-store.ts';

let server: Server | undefined;
let connection: S3Connection | undefined;
afterEach(() => {
  connection?.client.destroy();
  server?.closeAllConnections();
  server?.close();
});

const entry = (
  kind: 'Version' | 'DeleteMarker',
  key: string,
  version: string,
  second: number,
  isLatest = false,
) =>
  `<${kind}><Key>${key}</Key><VersionId>${version}</VersionId><IsLatest>${isLatest}</IsLatest><LastModified>2025-11-09T14:30:${String(second).padStart(2, '0')}.000Z</LastModified><Size>1</Size></${kind}>`;

/** Versions as a bucket lists them whose server answers with these documents, by the key marker that is asked for. */
async function listed(pages: Readonly<Record<string, string>>): Promise<string[]> {
  server = createServer((request, response) => {
    const marker = new URL(request.url ?? '', 'http://localhost').searchParams.get('key-marker') ?? '';
    response.end(
      `<ListVersionsResult>${pages[marker] ?? '<IsTruncated>false</IsTruncated>'}</ListVersionsResult>`,
    );
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const secrets = { resolve: async (ref: string) => ref };
  connection = s3Connection(
    { endpoint: `http://127.0.0.1:${port}`, accessKeyId: 'env:ID', secretAccessKey: 'env:SECRET' },
    secrets,
  );
  const found: string[] = [];
  for await (const { key, version, isDeleteMarker } of s3Store('s3://bucket', connection).listVersions?.() ??
    [])
    found.push(`${key}@${version}${isDeleteMarker ? ' gone' : ''}`);
  return found;
}

it('puts versions and markers in order where a server has them apart', async () => {
  const versions =
    entry('Version', 'a', '1', 1) + entry('Version', 'a', '3', 3) + entry('Version', 'b', '1', 1, true);
  const markers = entry('DeleteMarker', 'a', '4', 3, true) + entry('DeleteMarker', 'a', '2', 2);
  for (const entries of [versions + markers, markers + versions]) {
    expect(await listed({ '': `<IsTruncated>false</IsTruncated>${entries}` })).toEqual([
      'a@4 gone',
      'a@3',
      'a@2 gone',
      'a@1',
      'b@1',
    ]);
    connection?.client.destroy();
    server?.closeAllConnections();
    server?.close();
  }
});

it.each(['a%7Eb', 'a+b', '100%.pdf'])(
  'goes on after %s, whether the server encodes it or only says so',
  async (key) => {
    const encoded = encodeURIComponent(key).replaceAll('%20', '+');
    const first = `<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>${entry('Version', encoded, '1', 1, true)}`;
    const rest = `<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${entry('Version', 'z', '1', 1, true)}`;
    for (const marker of [key, encoded]) {
      const pages = { '': `${first}<NextKeyMarker>${marker}</NextKeyMarker>`, [key]: rest };
      expect(await listed(pages)).toEqual([`${key}@1`, 'z@1']);
      connection?.client.destroy();
      server?.closeAllConnections();
      server?.close();
    }
  },
);

it.each([
  '<IsTruncated>True</IsTruncated>',
  '<IsTruncated/>',
  '<IsTruncated>true</IsTruncated><NextKeyMarker/>',
])('takes no end for one that is not clear: %s', async (xml) => {
  await expect(listed({ '': xml })).rejects.toMatchObject({ code: 'objectStore.noListing' });
});
