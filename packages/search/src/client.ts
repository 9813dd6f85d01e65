import { LcbError, type SearchConnection, type Secrets } from '@lcb/core';
import { Client, errors } from '@opensearch-project/opensearch';

export type SearchClient = Client;

/** Milliseconds. Long work is asked for again and again, so no single request is long. */
const requestTimeout = 30_000;

/** Trying again is decided above, by the error; the client does not do it by itself. */
export async function withClient<T>(
  { url, secret }: SearchConnection,
  secrets: Secrets,
  use: (client: SearchClient) => Promise<T>,
): Promise<T> {
  const node = new URL(url);
  const username = decodeURIComponent(node.username);
  const password = secret === undefined ? undefined : await secrets.resolve(secret);
  node.username = '';
  const client = new Client({
    node: node.href,
    maxRetries: 0,
    requestTimeout,
    ...(password === undefined ? {} : { auth: { username, password } }),
  });
  try {
    return await use(client);
  } catch (error) {
    throw searchError(node.host, error);
  } finally {
    await client.close();
  }
}

/** The status of an answer that was no success. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof errors.ResponseError ? (error.statusCode ?? undefined) : undefined;
}

/** Words of the server: the type of its error, such as `repository_missing_exception`, and its reason. */
export function reasonOf(error: unknown): { readonly type: string; readonly reason: string } {
  if (!(error instanceof errors.ResponseError)) return { type: '', reason: String(error) };
  const body: unknown = error.body;
  const inner = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof inner !== 'object' || inner === null) return { type: '', reason: error.message };
  return {
    type: 'type' in inner ? String(inner.type) : '',
    reason: 'reason' in inner ? String(inner.reason) : error.message,
  };
}

function searchError(host: string, error: unknown): unknown {
  if (LcbError.isInstance(error)) return error;
  const status = statusOf(error);
  if (status === undefined) {
    if (!(error instanceof errors.OpenSearchClientError)) return error;
    return new LcbError({
      code: 'search.unreachable',
      message: `The search cluster at ${host} does not answer: ${error.message}. Check that it is up, and the url of search.`,
      retryable: true,
      cause: error,
    });
  }
  const { reason } = reasonOf(error);
  if (status === 401 || status === 403) {
    return new LcbError({
      code: 'search.accessDenied',
      message: `The search cluster at ${host} refuses: ${reason}. The user needs the right to manage snapshots, and to read and restore the indices.`,
      cause: error,
    });
  }
  return new LcbError({
    code: 'search.failed',
    message: `The search cluster at ${host} answered with ${status}: ${reason}.`,
    retryable: status === 429 || status >= 500,
    cause: error,
  });
}
