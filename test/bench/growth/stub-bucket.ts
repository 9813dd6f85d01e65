import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A hash of nothing in particular, as a server tells it after a copy, and as the base's index has it. */
export const stubSha256 = Buffer.alloc(32, 7);
export const stubObject = { size: 4096, etag: '0123456789abcdef', lastModified: '2025-01-01T00:00:00.000Z' };

/** In the order of numbers, as long as they have as many digits. */
export function stubKey(number: number): string {
  return `20097/20121/${10_000_000 + number}/1.0`;
}

export interface StubBuckets {
  readonly port: number;
  stop(): Promise<void>;
}

const pageSize = 1000;

/**
 * Two buckets that are there only as far as they are asked for: `library` with so many objects, and `backups`, which has a copy of each below
 * `copies` and what is written to it. What the client costs shows; the server does next to nothing.
 */
export async function startStubBuckets(objects: number, copies: string): Promise<StubBuckets> {
  const written = new Map<string, Buffer>();

  /** Least number whose key comes after this one. */
  function numberAfter(key: string): number {
    let [low, high] = [0, objects];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (stubKey(middle) > key) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function list(bucket: string, query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const root = bucket === 'library' ? '' : copies;
    if (!prefix.startsWith(root)) return listing([], undefined, (key) => written.get(key)?.length ?? 0);
    const first = numberAfter(after.slice(root.length));
    const count = Math.min(pageSize, objects - first);
    const keys = Array.from({ length: count }, (_, index) => root + stubKey(first + index));
    return listing(keys, first + count < objects ? keys.at(-1) : undefined, () => stubObject.size);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
    const [, bucket = '', ...rest] = decodeURIComponent(pathname).split('/');
    const key = rest.join('/');
    const xml = (body: string) => response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
    switch (request.method) {
      case 'PUT': {
        const body = await buffer(request);
        if (request.headers['x-amz-copy-source'] !== undefined) return void xml(copied);
        written.set(key, body);
        return void response.writeHead(200, { etag: `"${stubObject.etag}"` }).end();
      }
      case 'HEAD':
      case 'GET': {
        if (key === '' && searchParams.has('versioning')) return void xml('<VersioningConfiguration/>');
        if (key === '' && searchParams.has('list-type')) return void xml(list(bucket, searchParams));
        const bytes = written.get(key);
        if (key === '' || bytes === undefined) break;
        const headers = {
          etag: `"${stubObject.etag}"`,
          'content-length': bytes.length,
          'last-modified': new Date(stubObject.lastModified).toUTCString(),
        };
        return void response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes);
      }
    }
    response.writeHead(404, { 'content-type': 'application/xml' });
    response.end('<Error><Code>NoSuchKey</Code><Message>The stub has no such thing.</Message></Error>');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stub has no port.');
  return {
    port: address.port,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

const copied = `<CopyObjectResult><ETag>"${stubObject.etag}"</ETag><ChecksumSHA256>${stubSha256.toString('base64')}</ChecksumSHA256><LastModified>${stubObject.lastModified}</LastModified></CopyObjectResult>`;

function listing(keys: readonly string[], next: string | undefined, sizeOf: (key: string) => number): string {
  const objects = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>${stubObject.lastModified}</LastModified><ETag>&quot;${stubObject.etag}&quot;</ETag><Size>${sizeOf(key)}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const token = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType><IsTruncated>${next !== undefined}</IsTruncated>${token}${objects.join('')}</ListBucketResult>`;
}
