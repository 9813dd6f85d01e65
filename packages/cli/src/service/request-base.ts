import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';

/** What every request carries: who asked, when, and under which ids. */
export function requestBase(requestId: string | undefined) {
  return {
    requestId: requestId ?? `cli-${randomUUID()}`,
    initiator: initiator(),
    requestedAt: new Date().toISOString(),
    correlationId: randomUUID(),
  };
}

/** `user@host`, as the operating system knows this process. */
export function initiator(): string {
  return `${userName()}@${hostname()}`.slice(0, 200);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // A container may run under a number that no account has.
    if (error instanceof Error && 'code' in error) return `uid-${process.getuid?.() ?? 'unknown'}`;
    throw error;
  }
}
