import { LcbError } from '@lcb/core';
import { DatabaseError } from 'pg';

/** Classes and codes of PostgreSQL after which the very same call may succeed: connection, resources, shutdown, deadlock. */
const passing = /^(08...|53...|57P0[1-4]|40001|40P01|55P03)$/;
/** No such table, role or schema; not allowed; no such user or password. */
const notSetUp = /^(42P01|42704|3F000|42501|28...|3D000)$/;
const socketErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * Anything thrown by a query as an error of the product's family; one of the family stays what it is. The message of the
 * server is kept, its detail is not: that one quotes values.
 */
export function catalogError(thrown: unknown): LcbError {
  if (LcbError.isInstance(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (isUnavailable(thrown)) {
    return new LcbError({
      code: 'catalog.unavailable',
      message: `The catalog's database can't be reached or is overloaded: ${message}`,
      retryable: true,
      cause: thrown,
    });
  }
  if (thrown instanceof DatabaseError && notSetUp.test(thrown.code ?? '')) {
    return new LcbError({
      code: 'catalog.notSetUp',
      message: `The catalog refuses this login or is not set up: ${message}. Run its migrations, and make the login a member of lcb_app and lcb_platform.`,
      cause: thrown,
    });
  }
  // The driver's words when the server wants a password and the URL has none.
  if (message.includes('client password must be a string')) {
    return new LcbError({
      code: 'catalog.notSetUp',
      message: "The catalog's server asks for a password, and the URL of the catalog has none.",
      cause: thrown,
    });
  }
  return new LcbError({
    code: 'catalog.failed',
    message: `The catalog failed: ${message}`,
    cause: thrown,
  });
}

function isUnavailable(thrown: unknown): boolean {
  if (thrown instanceof DatabaseError) return passing.test(thrown.code ?? '');
  if (!(thrown instanceof Error)) return false;
  if ('code' in thrown && typeof thrown.code === 'string') return socketErrors.has(thrown.code);
  // The driver gives these no code: a connection lost in the middle of a query, and a pool that stayed empty too long.
  return /^Connection terminated|timeout exceeded when trying to connect|timeout expired/.test(
    thrown.message,
  );
}
