import { lookup } from 'node:dns/promises';
import { errorMessage, LcbError } from '@lcb/core';
import type { Address, Resolve } from './egress-guard.ts';
import { familyOf } from './public-address.ts';

/** By the system's resolver, which also knows /etc/hosts: the same as a connection would use. */
export const resolveBySystem: Resolve = async (host, signal) => {
  const family = familyOf(host);
  if (family !== undefined) return [{ address: host, family: family === 'ipv4' ? 4 : 6 }];
  try {
    const found = await untilAborted(lookup(host, { all: true, verbatim: true }), signal);
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

/** A resolver has no way to be interrupted; its late answer is not waited for. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
