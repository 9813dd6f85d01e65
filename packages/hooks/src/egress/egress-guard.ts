import { LcbError } from '@lcb/core';
import type { AllowList } from './allow-list.ts';
import { isPublicAddress } from './public-address.ts';

/** An address of a name, as the resolver has it. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly Address[]>;

export interface Guarded {
  /** The only addresses that may be connected to: resolving again could give others. */
  readonly addresses: readonly Address[];
}

/** Names that clouds answer on with credentials, before anything is resolved. */
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data']);

/**
 * Decides whether a URL may be called on behalf of a tenant. Without a listing: https on port 443 of a host all of whose
 * addresses are public. A listed host or address may also be private, plain http, and on another port.
 *
 * The parser of URLs has turned every odd way to write an IPv4 address (octal, hexadecimal, short, one number) into the
 * common one, so there is one form to look at.
 *
 * @throws LcbError `hook.egressRefused`; and what `resolve` throws
 */
export async function guardEgress(
  url: URL,
  allow: AllowList,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<Guarded> {
  const isTls = url.protocol === 'https:';
  if (!isTls && url.protocol !== 'http:') throw refused(url, `${url.protocol} is not http or https`);
  if (url.username !== '' || url.password !== '') throw refused(url, 'it carries a user or a password');
  const port = Number(url.port || (isTls ? 443 : 80));
  const host = url.hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (metadataNames.has(host)) throw refused(url, 'it gives out the credentials of this machine');
  const addresses = await resolve(host, signal);
  if (addresses.length === 0) throw refused(url, 'its name has no address');
  for (const { address } of addresses) {
    if (allow.allows(host, port, address)) continue;
    if (!isPublicAddress(address)) throw refused(url, `${address} is not a public address`);
    if (!isTls) throw refused(url, 'it is not encrypted');
    if (port !== 443) throw refused(url, `port ${port} is not 443`);
  }
  return { addresses };
}

function refused(url: URL, why: string): LcbError {
  return new LcbError({
    code: 'hook.egressRefused',
    message: `The hook at ${url.host} may not be called: ${why}. If it is meant to be, list its host, or its address, in lcb.yaml under egress.allow.`,
  });
}
