import { BlockList, isIP } from 'node:net';

/**
 * IPv4 that is not somebody else's host on the Internet: IANA's special-purpose registry, multicast, the reserved rest, and
 * the one public-looking address at which a cloud gives a machine its secrets.
 */
const notPublic4: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  // Azure's own services for a virtual machine.
  '168.63.129.16/32',
];

/** All of IPv6 but this is special: loopback, private, link-local, multicast, IPv4-mapped, NAT64 (`64:ff9b::/96`), … */
const global6 = '2000::/3';
/** … and of this, Teredo and other protocols, documentation, and 6to4, which leads to any IPv4 address. */
const notPublic6: readonly string[] = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Where a machine finds its credentials, whatever else is allowed: only an address or a range in the list opens these. */
const neverByName: readonly string[] = [
  '169.254.0.0/16',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '100.100.100.200/32',
  'fe80::/10',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  // IPv6 that a gateway or this machine may turn into any IPv4 address, those above among them.
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
];
/** Lies in `::/96`, and stands for no IPv4 address. */
const loopback6 = '::1/128';

const blocked = blockList([...notPublic4, ...notPublic6]);
const global = blockList([global6]);
const metadata = blockList(neverByName);
const loopback = blockList([loopback6]);

/** Is it the address of a host on the Internet, reachable by everybody? `false` for anything that is no address. */
export function isPublicAddress(address: string): boolean {
  const family = familyOf(address);
  if (family === undefined) return false;
  return !blocked.check(address, family) && (family === 'ipv4' || global.check(address, family));
}

/** Link-local, and where clouds give out credentials; also as an IPv6 address that is, or may become, one of IPv4. */
export function isMetadataAddress(address: string): boolean {
  const family = familyOf(address);
  if (family === undefined || loopback.check(address, family)) return false;
  return metadata.check(address, family);
}

/** An address with a zone (`fe80::1%eth0`) is link-local by its nature, and none for us. */
export function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

/** @param ranges in CIDR notation */
export function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    const family = familyOf(network);
    if (family === undefined) throw new TypeError(`${range} is no range of addresses`);
    list.addSubnet(network, prefix === undefined ? widths[family] : Number(prefix), family);
  }
  return list;
}

const widths = { ipv4: 32, ipv6: 128 } as const;
