import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { type S3Connection, s3Connection } from '../s3-connection.ts';
import { Wire } from './wire.ts';

const control = { requestTimeout: 2000 };
let server: Server | undefined;
let connection: S3Connection | undefined;
const asked: string[] = [];

afterEach(() => {
  asked.length = 0;
  connection?.client.destroy();
  server?.closeAllConnections();
  server?.close();
});

/** A bucket whose server answers so. */
async function wireTo(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Wire> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const secrets = { resolve: async (ref: string) => ref };
  connection = s3Connection(
    { endpoint: `http://127.0.0.1:${address.port}`, accessKeyId: 'env:ID', secretAccessKey: 'env:SECRET' },
    secrets,
  );
  return new Wire('bucket', connection);
}

function refuse(response: ServerResponse, status: number, code: string, headers = {}): void {
  response.writeHead(status, headers).end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
}

/** That a request was signed with. */
function timeOf(request: IncomingMessage): number {
  const stamp = String(request.headers['x-amz-date']);
  return Date.parse(stamp.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
}

it('names any key as it is, and parameters in order', async () => {
  const wire = await wireTo((_request, response) => response.end('ok'));
  await wire.request(
    { method: 'GET', key: "a b/../%41+?#/\\'()*!ä/", query: { z: '1', a: undefined, b: '' } },
    control,
  );
  expect(asked).toEqual(['GET /bucket/a%20b/../%2541%2B%3F%23/%5C%27%28%29%2A%21%C3%A4/?b=&z=1']);
});

it('signs for the region that the server names', async () => {
  const wire = await wireTo((request, response) =>
    request.headers.authorization?.includes('/eu-west-1/s3/')
      ? response.end('ok')
      : refuse(response, 400, 'AuthorizationHeaderMalformed', { 'x-amz-bucket-region': 'eu-west-1' }),
  );
  await wire.request({ method: 'GET' }, control);
  await wire.request({ method: 'GET' }, control);
  expect(asked).toHaveLength(3);
});

it('goes by the clock of the server once that has complained', async () => {
  const ahead = () => Date.now() + 3_600_000;
  const wire = await wireTo((request, response) => {
    if (Math.abs(timeOf(request) - ahead()) < 300_000) response.end('ok');
    else refuse(response, 403, 'RequestTimeTooSkewed', { date: new Date(ahead()).toUTCString() });
  });
  await wire.request({ method: 'GET' }, control);
  await wire.request({ method: 'GET' }, control);
  expect(asked).toHaveLength(3);
});

it.each([
  [
    'region',
    (request: IncomingMessage) => request.headers.authorization?.includes('/eu-west-1/s3/') === true,
  ],
  ['clock', (request: IncomingMessage) => Math.abs(timeOf(request) - Date.now() - 3_600_000) < 300_000],
] as const)('corrects the %s for all requests that are under way', async (what, isRight) => {
  const wire = await wireTo((request, response) => {
    const date = new Date(Date.now() + (what === 'clock' ? 3_600_000 : 0)).toUTCString();
    if (isRight(request)) response.end('ok');
    else if (request.method === 'HEAD') response.writeHead(403, { date }).end();
    else if (what === 'clock') refuse(response, 403, 'RequestTimeTooSkewed', { date });
    else refuse(response, 400, 'AuthorizationHeaderMalformed', { 'x-amz-bucket-region': 'eu-west-1' });
  });
  const method = what === 'clock' ? ('HEAD' as const) : ('GET' as const);
  await Promise.all(Array.from({ length: 16 }, () => wire.request({ method }, control)));
});

it('goes on after a date that can not be read', async () => {
  let count = 0;
  const wire = await wireTo((_request, response) => {
    count += 1;
    if (count === 1) refuse(response, 403, 'RequestTimeTooSkewed', { date: 'yesterday' });
    else response.end('ok');
  });
  await expect(wire.request({ method: 'GET' }, control)).rejects.toMatchObject({
    Code: 'RequestTimeTooSkewed',
  });
  expect(await wire.request({ method: 'GET' }, control)).toMatchObject({ status: 200 });
});

it('asks again for its region after that could not be found out', async () => {
  const wire = await wireTo((_request, response) => response.end('ok'));
  const { config } = connection?.client ?? {};
  if (config === undefined) throw new TypeError('no client');
  const { region } = config;
  config.region = () => Promise.reject(new Error('not now'));
  await expect(wire.request({ method: 'GET' }, control)).rejects.toThrow('not now');
  config.region = region;
  expect(await wire.request({ method: 'GET' }, control)).toMatchObject({ status: 200 });
});

it('does not ask for ever a server whose clock is never right, nor one that sends it about', async () => {
  const skewed = await wireTo((_request, response) =>
    refuse(response, 403, 'RequestTimeTooSkewed', { date: new Date(Date.now() + 3_600_000).toUTCString() }),
  );
  await expect(skewed.request({ method: 'GET' }, control)).rejects.toMatchObject({
    Code: 'RequestTimeTooSkewed',
  });
  expect(asked).toHaveLength(2);
  asked.length = 0;
  const about = await wireTo((_request, response) =>
    refuse(response, 301, 'PermanentRedirect', { 'x-amz-bucket-region': `eu-west-${asked.length}` }),
  );
  await expect(about.request({ method: 'GET' }, control)).rejects.toMatchObject({
    Code: 'PermanentRedirect',
  });
  expect(asked.length).toBeLessThan(6);
});

it('takes an error for one, also with 200, and asks again where that may help', async () => {
  const answers = ['SlowDown', 'InternalError', 'ok'];
  const wire = await wireTo((_request, response) => {
    const next = answers.shift();
    if (next === 'ok') response.end('<Fine/>');
    else response.end(`<?xml version="1.0"?>\n\n<Error><Code>${next}</Code></Error>`);
  });
  expect(await wire.request({ method: 'PUT', key: 'a' }, control)).toMatchObject({ body: '<Fine/>' });
  expect(asked).toHaveLength(3);
  answers.push('AccessDenied');
  await expect(wire.request({ method: 'PUT', key: 'a' }, control)).rejects.toMatchObject({
    Code: 'AccessDenied',
  });
  expect(asked).toHaveLength(4);
});

it('asks again when a connection that was kept open turns out to be closed', async () => {
  let count = 0;
  const wire = await wireTo((request, response) => {
    count += 1;
    if (count === 2) request.socket.destroy();
    else response.end('ok');
  });
  for (let times = 0; times < 2; times += 1) await wire.request({ method: 'GET' }, control);
  expect(asked).toHaveLength(3);
});

it('ends with the reason of the signal, also while it waits for another try', async () => {
  const wire = await wireTo((_request, response) => refuse(response, 503, 'SlowDown'));
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const request = wire.request({ method: 'GET' }, { ...control, signal: abort.signal });
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  abort.abort(reason);
  await expect(request).rejects.toSatisfy((error: Error) => error === reason || error.cause === reason);
});
