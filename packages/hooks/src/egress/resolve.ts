import { lookup } from 'node:dns/promises';
import { errorMessage, LcbError, orAborted } from '@lcb/core';
import type { Address, Resolve } from './egress-guard.ts';
import { familyOf } from './public-address.ts';

/** By the system's resolver, which also knows /etc/hosts: the same as a connection would use. */
export const resolveBySystem: Resolve = async (host, signal) => {
  const family = familyOf(host);
  if (family !== undefined) return [{ address: host, family: family === 'ipv4' ? 4 : 6 }];
  try {
    // A resolver has no way to be interrupted; its late answer is not waited for.
    const found = await orAborted(lookup(host, { all: true, verbatim: true }), signal);
    return found.map(({ address, family: version }): Address => ({ address, family: version === 6 ? 6 : 4 }));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new LcbError({
      code: 'hook.unreachable',
      message: `The name ${host} of a hook can't be resolved (${errorMessage(error)}). Check the name, and the resolver of this machine.`,
      retryable: true,
      cause: error,
    });
  }
};
