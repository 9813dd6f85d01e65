import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { never } from '../testing/examples.ts';
import { parseAllowList } from './allow-list.ts';
import { guardEgress, type Resolve } from './egress-guard.ts';
import { familyOf } from './public-address.ts';
import { resolveBySystem } from './resolve.ts';

/** A resolver that knows these names, and takes addresses for what they are. */
function names(known: Readonly<Record<string, readonly string[]>>): Resolve {
  return async (host) =>
    (familyOf(host) === undefined ? (known[host] ?? []) : [host]).map((address) => ({
      address,
      family: familyOf(address) === 'ipv4' ? 4 : 6,
    }));
}

function guard(url: string, allow: readonly string[] = [], resolve = names({})) {
  return guardEgress(new URL(url), parseAllowList(allow), resolve, never);
}

const refused = { code: 'hook.egressRefused', retryable: false };

/** Every way in which a URL may write an IPv4 address. */
function spellings(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const octal = (part: number) => `0${part.toString(8)}`;
  const hex = (part: number) => `0x${part.toString(16)}`;
  return [
    address,
    `${address}.`,
    String(number),
    hex(number),
    octal(number),
    [a, b, c, d].map(octal).join('.'),
    [a, b, c, d].map(hex).join('.'),
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${hex(a)}.${b}.${c * 256 + d}`,
    `[::ffff:${address}]`,
    `[64:ff9b::${address}]`,
  ];
}

describe('the egress guard', () => {
  it('knows a private address in every spelling', async () => {
    const address = fc.constantFrom(
      '127.0.0.1',
      '10.1.2.3',
      '169.254.169.254',
      '192.168.0.254',
      '100.64.0.1',
    );
    await fc.assert(
      fc.asyncProperty(
        address.chain((plain) => fc.constantFrom(...spellings(plain))),
        fc.constantFrom('http', 'https'),
        async (host, scheme) => {
          await expect(guard(`${scheme}://${host}/`)).rejects.toMatchObject(refused);
        },
      ),
    );
  });

  it('refuses a name if only one of its addresses is not public', async () => {
    const resolve = names({ 'hooks.example.com': ['1.1.1.1', '2606:4700::1111', '10.0.0.1'] });
    await expect(guard('https://hooks.example.com/', [], resolve)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('10.0.0.1 is not a public address'),
    });
  });

  it('answers with the very addresses that it has checked', async () => {
    const resolve = names({ 'hooks.example.com': ['1.1.1.1', '2606:4700::1111'] });
    expect(await guard('https://hooks.example.com/', [], resolve)).toEqual({
      addresses: [
        { address: '1.1.1.1', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
    });
  });

  it.each([
    ['http://1.1.1.1/', 'it is not encrypted'],
    ['https://1.1.1.1:8443/', 'port 8443 is not 443'],
    ['https://ada:word@1.1.1.1/', 'a user or a password'],
    ['ftp://1.1.1.1/', 'not http or https'],
    ['https://metadata.google.internal/', 'credentials of this machine'],
    ['https://METADATA.google.internal./', 'credentials of this machine'],
    ['https://nobody.example.com/', 'no address'],
  ])('refuses %s: %s', async (url, why) => {
    await expect(guard(url)).rejects.toMatchObject({ ...refused, message: expect.stringContaining(why) });
  });

  it('never repeats what a URL carries', async () => {
    await expect(guard('https://ada:s3cret@1.1.1.1/?token=abc')).rejects.toMatchObject({
      message: expect.not.stringMatching(/s3cret|abc/),
    });
  });

  it.each([
    ['http://10.20.1.1:8080/', ['10.20.0.0/16']],
    ['http://hooks.internal:9/', ['hooks.internal']],
    ['http://HOOKS.internal./', ['Hooks.Internal.']],
    ['http://hooks.internal:8080/', ['hooks.internal:8080']],
    ['http://[::1]:8080/', ['::1']],
    ['http://0x7f.1/', ['127.0.0.1']],
    ['http://169.254.169.254/', ['169.254.169.254/32']],
  ])('lets %s through where %j is listed', async (url, allow) => {
    await guard(url, allow, names({ 'hooks.internal': ['10.9.9.9', 'fd12::1'] }));
  });

  it('lets a listed name lead to this machine, over IPv6 too', async () => {
    await guard('http://localhost:8080/', ['localhost'], names({ localhost: ['127.0.0.1', '::1'] }));
    await guard(
      'http://nat64.internal/',
      ['64:ff9b::/96'],
      names({ 'nat64.internal': ['64:ff9b::a01:203'] }),
    );
  });

  it.each([
    ['http://10.21.1.1/', ['10.20.0.0/16'], '10.21.1.1'],
    ['http://hooks.internal:8081/', ['hooks.internal:8080'], '10.9.9.9'],
    ['http://a.hooks.internal/', ['hooks.internal'], '10.9.9.9'],
    ['http://hooks.internal/', ['hooks.internal'], '169.254.169.254'],
    ['http://hooks.internal/', ['hooks.internal'], '::ffff:169.254.169.254'],
    ['http://hooks.internal/', ['hooks.internal'], '64:ff9b::a9fe:a9fe'],
    ['http://hooks.internal/', ['hooks.internal'], '64:ff9b:1::a9fe:a9fe'],
    ['http://hooks.internal/', ['hooks.internal'], '2002:a9fe:a9fe::'],
    ['http://hooks.internal/', ['hooks.internal'], '::169.254.169.254'],
  ])('does not let %s through where %j is listed and it leads to %s', async (url, allow, address) => {
    const resolve = names({ 'hooks.internal': [address], 'a.hooks.internal': [address] });
    await expect(guard(url, allow, resolve)).rejects.toMatchObject(refused);
  });

  it.each([
    '',
    'http://a',
    '10.0.0.0/33',
    '10.0/8',
    '0x7f.1',
    '127.1',
    'a b',
    'a:0',
    'a:70000',
    '*',
    'fe80::1%eth0',
  ])('takes no entry %j', (entry) => {
    expect(() => parseAllowList([entry])).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it('resolves by the system, all addresses at once', async () => {
    await expect(
      guardEgress(new URL('https://localhost/'), parseAllowList([]), resolveBySystem, never),
    ).rejects.toMatchObject(refused);
    await expect(resolveBySystem('nobody.invalid', never)).rejects.toMatchObject({
      code: 'hook.unreachable',
      retryable: true,
    });
  });
});
