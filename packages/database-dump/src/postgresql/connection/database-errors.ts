import { LcbError } from '@lcb/core';
import { describeEndpoint, type Endpoint } from './endpoint.ts';

interface Meaning {
  readonly code: string;
  readonly retryable: boolean;
  readonly advice: string;
}

const unreachable: Meaning = {
  code: 'database.unreachable',
  retryable: true,
  advice: 'Check host, port and firewall, and that the server runs.',
};
const authentication: Meaning = {
  code: 'database.authentication',
  retryable: false,
  advice: 'Check user and password.',
};
const connectionLost: Meaning = {
  code: 'database.connectionLost',
  retryable: true,
  advice: "The server or the network ended the connection; look into the server's log if it happens again.",
};

/** SQLSTATEs (PostgreSQL's documentation, appendix A) and system errors that have a meaning of their own. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '22P04': {
    code: 'database.dumpUnreadable',
    retryable: false,
    advice:
      'The rows are not what COPY expects: the file is damaged, or was changed. Transfer it again, in binary mode.',
  },
  '28P01': authentication,
  '28000': {
    code: 'database.authentication',
    retryable: false,
    advice: 'Check user, sslmode, and that pg_hba.conf lets this host in.',
  },
  '3D000': { code: 'database.notFound', retryable: false, advice: 'Check the name of the database.' },
  '42501': {
    code: 'database.permission',
    retryable: false,
    advice: 'Give the user the right to it, or take a user that has it.',
  },
  '40P01': {
    code: 'database.lockTimeout',
    retryable: true,
    advice: 'Two sessions waited for each other, and the server ended one; try again.',
  },
  '53100': { code: 'database.diskFull', retryable: false, advice: 'Make room on the server.' },
  '53300': {
    code: 'database.tooManyConnections',
    retryable: true,
    advice: 'Raise max_connections if it stays so.',
  },
  '55P03': {
    code: 'database.lockTimeout',
    retryable: true,
    advice: 'Another session holds a table exclusively (a schema change, VACUUM FULL); try when it is done.',
  },
  '55006': { code: 'database.inUse', retryable: true, advice: 'End the other sessions of that database.' },
  '57P01': connectionLost,
  '57P02': connectionLost,
  '57P03': unreachable,
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  ENOENT: unreachable,
  ECONNRESET: connectionLost,
  EPIPE: connectionLost,
};

/** The driver reports these without a code. */
const LOST =
  /Connection terminated|Client was closed|not queryable|Client has encountered a connection error/i;
const TIMED_OUT = /timeout expired|connection timeout/i;

/** Any error of the driver as ours: with a stable code, what to do, and whether to try again. */
export function databaseError(error: unknown, endpoint: Endpoint, doing: string): LcbError {
  if (LcbError.isInstance(error)) return error;
  // A host name with several addresses fails with all their errors together.
  const cause: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const meaning = meaningOf(cause, text);
  return new LcbError({
    code: meaning.code,
    message: endpoint.scrub(`${doing} failed for ${describeEndpoint(endpoint)}: ${text}. ${meaning.advice}`),
    retryable: meaning.retryable,
    // The driver's error is not kept: it may carry rows, parameters or the connection's own settings.
  });
}

function meaningOf(cause: unknown, text: string): Meaning {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const known = MEANINGS[code];
  if (known) return known;
  if (code.startsWith('08') || LOST.test(text)) return connectionLost;
  // A server that asks for a password where we have none.
  if (/client password must be/.test(text)) return authentication;
  if (TIMED_OUT.test(text)) return unreachable;
  return {
    code: 'database.queryFailed',
    retryable: false,
    advice: "The server's log says more.",
  };
}
