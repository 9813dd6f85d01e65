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
  advice: 'Check user and password, and that the server lets this user in from this host.',
};
const permission: Meaning = {
  code: 'database.permission',
  retryable: false,
  advice: 'Grant the user the right to it (docs/guide/databases.md lists them), or take a user that has it.',
};
const connectionLost: Meaning = {
  code: 'database.connectionLost',
  retryable: true,
  advice: "The server or the network ended the connection; look into the server's log if it happens again.",
};
const lockTimeout: Meaning = {
  code: 'database.lockTimeout',
  retryable: true,
  advice:
    'Another session holds a lock (a schema change, LOCK TABLES, a long transaction); try when it is done.',
};
const diskFull: Meaning = { code: 'database.diskFull', retryable: false, advice: 'Make room on the server.' };
const tooManyConnections: Meaning = {
  code: 'database.tooManyConnections',
  retryable: true,
  advice: 'Raise max_connections if it stays so.',
};
const changed: Meaning = {
  code: 'database.definitionChanged',
  retryable: true,
  advice: 'A schema change came in between, which no snapshot survives; it is begun anew.',
};

/** Errors of the server (its reference, "Server Error Message Reference") and of the system that have a meaning of their own. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ER_ACCESS_DENIED_ERROR: authentication,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: authentication,
  ER_NOT_SUPPORTED_AUTH_MODE: authentication,
  ER_HOST_NOT_PRIVILEGED: authentication,
  AUTH_SWITCH_PLUGIN_ERROR: authentication,
  ER_BAD_DB_ERROR: {
    code: 'database.notFound',
    retryable: false,
    advice: 'Check the name of the database.',
  },
  ER_DBACCESS_DENIED_ERROR: permission,
  ER_TABLEACCESS_DENIED_ERROR: permission,
  ER_COLUMNACCESS_DENIED_ERROR: permission,
  ER_SPECIFIC_ACCESS_DENIED_ERROR: permission,
  ER_PROCACCESS_DENIED_ERROR: permission,
  ER_KILL_DENIED_ERROR: permission,
  ER_VIEW_INVALID: permission,
  ER_BINLOG_CREATE_ROUTINE_NEED_SUPER: {
    code: 'database.functionsNotTrusted',
    retryable: false,
    advice:
      'The server writes a binary log and lets no ordinary user create triggers and functions. Set log_bin_trust_function_creators=1 on it (a parameter group on managed servers).',
  },
  ER_DISK_FULL: diskFull,
  ER_RECORD_FILE_FULL: diskFull,
  ER_ENGINE_OUT_OF_MEMORY: diskFull,
  ER_CON_COUNT_ERROR: tooManyConnections,
  ER_TOO_MANY_USER_CONNECTIONS: tooManyConnections,
  ER_USER_LIMIT_REACHED: tooManyConnections,
  ER_LOCK_WAIT_TIMEOUT: lockTimeout,
  ER_STATEMENT_TIMEOUT: lockTimeout,
  ER_LOCK_DEADLOCK: lockTimeout,
  ER_TABLE_DEF_CHANGED: changed,
  ER_NO_SUCH_TABLE: changed,
  ER_QUERY_INTERRUPTED: connectionLost,
  ER_CONNECTION_KILLED: connectionLost,
  ER_SERVER_SHUTDOWN: connectionLost,
  ER_NORMAL_SHUTDOWN: connectionLost,
  PROTOCOL_CONNECTION_LOST: connectionLost,
  PROTOCOL_SEQUENCE_TIMEOUT: unreachable,
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
const LOST = /closed state|connection (?:is|was) closed|Connection lost/i;

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
    // The driver's error is not kept: it carries the statement, which may hold rows.
  });
}

/** The driver's name of an error: `ER_BAD_DB_ERROR`, `ECONNREFUSED`. */
export function errorName(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function meaningOf(cause: unknown, text: string): Meaning {
  const known = MEANINGS[errorName(cause)];
  if (known) return known;
  if (LOST.test(text)) return connectionLost;
  return { code: 'database.queryFailed', retryable: false, advice: "The server's log says more." };
}
