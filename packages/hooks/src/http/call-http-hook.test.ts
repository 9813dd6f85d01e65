import { httpHookSchema } from '@lcb/core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Address } from '../egress/egress-guard.ts';
import { environmentHooks } from '../environment-hooks.ts';
import { event, never, secretsOf } from '../testing/examples.ts';
import { type HookServer, hookServer } from '../testing/hook-server.ts';

const whsec = `whsec_${Buffer.from('thirty-two bytes of secret, or so').toString('base64')}`;

describe('a hook over HTTP', () => {
  let server: HookServer;
  beforeAll(async () => {
    server = await hookServer();
  });
  afterAll(() => server.close());

  const hooks = environmentHooks({
    secrets: secretsOf({ 'env:HOOK': whsec, 'env:PLAIN': 'a plain word' }),
    allow: ['127.0.0.1', 'hooks.test'],
    commands: { allowed: false },
    resolve: async (host): Promise<readonly Address[]> =>
      host === 'hooks.test' ? [{ address: '127.0.0.1', family: 4 }] : [{ address: host, family: 4 }],
  });
  function hook(more: object = {}, host = '127.0.0.1') {
    return httpHookSchema.parse({ url: `http://${host}:${server.port}/quiesce?who=lcb`, ...more });
  }

  it('gets the event, signed so that a library of Standard Webhooks accepts it', async () => {
    server.behave({ status: 204 });
    await hooks.call(hook({ secret: 'env:HOOK' }), event, never);
    const last = server.received.at(-1);
    expect(last).toMatchObject({
      method: 'POST',
      path: '/quiesce?who=lcb',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', 'webhook-id': event.id },
    });
    const headers = Object.fromEntries(
      Object.entries(last?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(new Webhook(whsec).verify(last?.body ?? '', headers)).toEqual(event);
    expect(() => new Webhook(whsec).verify(`${last?.body} `, headers)).toThrow();
  });

  it('takes a secret of any other form byte for byte', async () => {
    await hooks.call(hook({ secret: 'env:PLAIN' }), event, never);
    const { headers = {}, body = '' } = server.received.at(-1) ?? {};
    const webhook = new Webhook('a plain word', { format: 'raw' });
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(webhook.verify(body, given)).toEqual(event);
  });

  it('carries the same id each time it is called with the same event, and another method where wanted', async () => {
    await hooks.call(hook({ method: 'PUT' }), event, never);
    await hooks.call(hook({ method: 'PUT' }), event, never);
    const [one, other] = server.received.slice(-2);
    expect([one?.method, one?.headers['webhook-id'], one?.headers['webhook-signature']]).toEqual([
      'PUT',
      event.id,
      undefined,
    ]);
    expect(other?.headers['webhook-id']).toBe(event.id);
  });

  it('connects to the address that was checked, whatever the name leads to', async () => {
    const before = server.received.length;
    await hooks.call(hook({}, 'hooks.test'), event, never);
    expect(server.received.length).toBe(before + 1);
    expect(server.received.at(-1)?.headers.host).toBe(`hooks.test:${server.port}`);
  });

  it.each([
    [408, true],
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [401, false],
    [404, false],
    [302, false],
  ])('that answers with %i fails, and retryable is %s', async (status, retryable) => {
    server.behave({
      status,
      headers: { location: `http://127.0.0.1:${server.port}/elsewhere` },
      body: 'the word is sesame',
    });
    const before = server.received.length;
    await expect(hooks.call(hook(), event, never)).rejects.toMatchObject({
      code: 'hook.refused',
      retryable,
      message: expect.not.stringContaining('sesame'),
    });
    expect(server.received.length).toBe(before + 1);
  });

  it('that does not answer fails at its deadline', async () => {
    server.behave('silent');
    await expect(hooks.call(hook({ timeoutSeconds: 1 }), event, never)).rejects.toMatchObject({
      code: 'hook.timedOut',
      retryable: true,
    });
  });

  it('that wants another protocol is refused like any other status', async () => {
    server.behave({
      raw: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    });
    await expect(hooks.call(hook({ timeoutSeconds: 5 }), event, never)).rejects.toMatchObject({
      code: 'hook.refused',
      message: expect.stringContaining('answered with 101'),
      retryable: false,
    });
  });

  it.each([
    ['status', 'HTTP/1.1 200 OK\r\n'],
    ['answer', 'HTTP/1.1 200 OK\r\n\r\nso far'],
    ['word of what comes first', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('that does not end its %s fails at its deadline', async (_what, raw) => {
    server.behave({ raw });
    await expect(hooks.call(hook({ timeoutSeconds: 1 }), event, never)).rejects.toMatchObject({
      code: 'hook.timedOut',
    });
  });

  it('that answers without end is cut off', async () => {
    server.behave('endless');
    await hooks.call(hook(), event, never);
  });

  it('that cuts the connection, or is not there, can be tried again', async () => {
    server.behave('cut');
    await expect(hooks.call(hook(), event, never)).rejects.toMatchObject({
      code: 'hook.unreachable',
      retryable: true,
    });
    const gone = await hookServer();
    await gone.close();
    const there = httpHookSchema.parse({ url: `http://127.0.0.1:${gone.port}/` });
    await expect(hooks.call(there, event, never)).rejects.toMatchObject({
      code: 'hook.unreachable',
      retryable: true,
    });
  });

  it('is left at once when the signal fires', async () => {
    server.behave('silent');
    const stop = new AbortController();
    const called = hooks.call(hook(), event, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(called).rejects.toThrow('stopped');
  });

  it('is not called at an address that may not be reached', async () => {
    const strict = environmentHooks({ secrets: secretsOf({}), allow: [], commands: { allowed: false } });
    const before = server.received.length;
    await expect(strict.call(hook(), event, never)).rejects.toMatchObject({ code: 'hook.egressRefused' });
    expect(server.received.length).toBe(before);
  });

  it('is the only kind where commands are not allowed', async () => {
    await expect(hooks.call({ command: ['true'], timeoutSeconds: 5 }, event, never)).rejects.toMatchObject({
      code: 'hook.commandNotAllowed',
    });
  });
});
