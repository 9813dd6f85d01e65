import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMetadataAddress, isPublicAddress } from './public-address.ts';

const octet = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 0xffff });

/** Ranges that no tenant may be led to, checked by arithmetic of its own. */
const privateRanges: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

describe('a public address', () => {
  it('is none in any private, local or reserved range of IPv4', () => {
    const inRange = fc
      .constantFrom(...privateRanges)
      .chain(([network, prefix]) =>
        fc.integer({ min: 0, max: 2 ** (32 - prefix) - 1 }).map((host) => textOf(numberOf(network) + host)),
      );
    fc.assert(fc.property(inRange, (address) => !isPublicAddress(address)));
  });

  it('is none that embeds an IPv4 address, whichever', () => {
    const embedded = fc.tuple(octet, octet, octet, octet).chain(([a, b, c, d]) => {
      const [high, low] = [a * 256 + b, c * 256 + d].map((part) => part.toString(16));
      const dotted = [a, b, c, d].join('.');
      return fc.constantFrom(
        `::ffff:${dotted}`,
        `::ffff:${high}:${low}`,
        `0:0:0:0:0:FFFF:${high}:${low}`,
        `::${dotted}`,
        `64:ff9b::${dotted}`,
        `64:ff9b:1::${dotted}`,
        `2002:${high}:${low}::1`,
        `2001:0:${high}:${low}::1`,
      );
    });
    fc.assert(fc.property(embedded, (address) => !isPublicAddress(address)));
  });

  it('is an IPv6 address only in the global unicast range', () => {
    const addresses = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(addresses, (groups) => {
        const address = groups.map((each) => each.toString(16)).join(':');
        const [first = 0] = groups;
        if (first >> 13 !== 1) expect(isPublicAddress(address)).toBe(false);
      }),
    );
  });

  it.each([
    'fe80::1%eth0',
    '2600::1%1',
    '010.0.0.1',
    '0x7f.1',
    '127.1',
    '2130706433',
    '1.2.3',
    '',
    'localhost',
    '1.1.1.1 ',
  ])('is not %j, which is no plain address', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '168.63.129.16',
    '192.0.0.192',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00::1',
  ])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fd00:ec2::254',
    'fe80::1',
    '100.100.100.200',
    '::169.254.169.254',
    '::a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
  ])('where credentials are given out is known: %s', (address) => {
    expect(isMetadataAddress(address)).toBe(true);
  });

  it.each([
    '::1',
    '0:0:0:0:0:0:0:1',
    '127.0.0.1',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    'fd12::1',
    '2606:4700::1111',
  ])('credentials are not given out at %s', (address) => {
    expect(isMetadataAddress(address)).toBe(false);
  });
});
