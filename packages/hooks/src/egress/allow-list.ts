import type { BlockList } from 'node:net';
import { InvalidRequestError } from '@lcb/core';
import { blockList, familyOf, isMetadataAddress } from './public-address.ts';

/** What an operator opens: hosts by name, and addresses or ranges of them. */
export interface AllowList {
  /** @param host in lower case, without a dot at its end @param address that it has */
  allows(host: string, port: number, address: string): boolean;
}

const namePattern = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

interface AllowedName {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Entries are `host`, `host:port`, an address, or a range such as `10.20.0.0/16` or `fd12::/16`. A name opens whatever addresses
 * it has, but never link-local and metadata addresses: a name can be pointed there by whoever holds it.
 * @throws InvalidRequestError naming the entry
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const names: AllowedName[] = [];
  const ranges: string[] = [];
  for (const entry of entries) {
    if (isRange(entry)) ranges.push(entry);
    else names.push(parseName(entry));
  }
  const list: BlockList = blockList(ranges);
  return {
    allows(host, port, address) {
      const family = familyOf(address);
      if (family === undefined) return false;
      if (list.check(address, family)) return true;
      const named = names.some((name) => name.host === host && (name.port ?? port) === port);
      return named && !isMetadataAddress(address);
    },
  };
}

function isRange(entry: string): boolean {
  const [network = '', prefix, ...rest] = entry.split('/');
  const family = familyOf(network);
  if (family === undefined || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 'ipv4' ? 32 : 128);
}

function parseName(entry: string): AllowedName {
  const [, host = '', port] = /^([^:/]+?)\.?(?::(\d{1,5}))?$/.exec(entry.toLowerCase()) ?? [];
  // A last label of digits alone is a short or odd form of an address, which a URL would have in its full form.
  const isName = namePattern.test(host) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(host);
  if (!isName || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) {
    throw new InvalidRequestError(
      `egress.allow: ${JSON.stringify(entry)} is neither a host (hooks.example.internal, localhost:8080) nor an address or a range (10.20.0.0/16).`,
    );
  }
  return { host, port: port === undefined ? undefined : Number(port) };
}
