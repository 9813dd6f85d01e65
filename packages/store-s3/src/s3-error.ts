import { KeyRefusedError, LcbError, ObjectNotFoundError, PreconditionFailedError } from '@lcb/core';

interface Meaning {
  readonly code: string;
  readonly advice: string;
  readonly retryable: boolean;
}

const denied = { code: 'objectStore.denied', retryable: false };
const unavailable = { code: 'objectStore.unavailable', retryable: true };
const credentials = { code: 'objectStore.credentials', retryable: false };
const failed = { code: 'objectStore.failed', retryable: false };
const notOffered: Meaning = {
  code: 'objectStore.notOffered',
  retryable: false,
  advice: 'The server does not offer this. Check the endpoint too.',
};

const busy: Meaning = {
  ...unavailable,
  advice: 'The server asks to slow down, or fails. It is tried again later.',
};
const silent: Meaning = {
  ...unavailable,
  advice: 'The server does not answer. Check the endpoint and the network.',
};
const wrongKey: Meaning = {
  ...credentials,
  advice:
    'The server does not know these credentials. Check accessKeyId and secretAccessKey of this location in `stores`.',
};
const expired: Meaning = {
  ...credentials,
  advice:
    'The credentials have expired. Renew them where `stores` refers to, or let the machine have a role of its own.',
};
const conflict: Meaning = {
  code: 'objectStore.contended',
  retryable: true,
  advice: 'Somebody else writes the same object at this moment.',
};

/** What the server's codes mean for somebody who runs backups; see "Error responses" in the S3 API reference. */
const meanings: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: {
    code: 'objectStore.locationMissing',
    retryable: false,
    advice: 'There is no such bucket. Create it, or correct the location.',
  },
  AccessDenied: {
    ...denied,
    advice: 'Give the credentials the rights that docs/guide/object-stores.md lists.',
  },
  AllAccessDisabled: { ...denied, advice: 'The bucket is closed to everybody.' },
  AccountProblem: { ...denied, advice: 'Something is wrong with the account. Ask the provider.' },
  InvalidObjectState: { ...denied, advice: 'The object is archived. Restore it from the archive first.' },
  InvalidAccessKeyId: wrongKey,
  SignatureDoesNotMatch: wrongKey,
  InvalidToken: expired,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  TokenRefreshRequired: expired,
  CredentialsProviderError: {
    ...credentials,
    advice:
      'No credentials were found. Name accessKeyId and secretAccessKey in `stores`, or set up the default ones of the AWS tools.',
  },
  RequestTimeTooSkewed: {
    code: 'objectStore.clockSkew',
    retryable: false,
    advice: "This machine's clock differs from the server's by more than the server allows. Set it right.",
  },
  PermanentRedirect: { ...failed, advice: 'The bucket is in another region. Name its region in `stores`.' },
  AuthorizationHeaderMalformed: {
    ...failed,
    advice: 'The region is not the one of the bucket. Name its region in `stores`.',
  },
  EntityTooLarge: { ...failed, advice: 'The object is larger than the server takes.' },
  NotImplemented: notOffered,
  MethodNotAllowed: notOffered,
  BadDigest: { ...unavailable, advice: 'Bytes were changed on their way to the server.' },
  ConditionalRequestConflict: conflict,
  OperationAborted: conflict,
  NoSuchUpload: {
    ...unavailable,
    advice: 'The upload was ended from outside; see the lifecycle rules of the bucket.',
  },
  SlowDown: busy,
  ServiceUnavailable: busy,
  InternalError: busy,
  RequestTimeout: silent,
  TimeoutError: silent,
};

/** Servers that keep objects as files say so when a key does not fit a file system; Amazon's own says only the first. */
const refusals = new Set([
  'KeyTooLongError',
  'ExistingObjectIsDirectory',
  'ObjectParentIsFile',
  'DirectoryObjectContainsData',
]);

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What a thrown value says of the server's answer, whatever its form. */
interface Answer {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
}

/** The one object that a request is about: it reads, describes or removes it, or ends its upload, and does nothing else. */
export interface AskedObject {
  /** The version that is read or described. */
  readonly version?: string | undefined;
}

/**
 * An error of the client as ours, naming the location and the key, never a credential. Errors of ours stay as they are.
 *
 * @param object where the request is about one: only then does a status that comes without a word of S3 speak of it. Else it may as
 *   well be the operation that is not there, and an object must not be called gone for that
 */
export function s3Error(
  location: string,
  key: string | undefined,
  thrown: unknown,
  object?: AskedObject,
): unknown {
  if (LcbError.isInstance(thrown) || !(thrown instanceof Error)) return thrown;
  const { name, message, status, requestId } = answerOf(thrown);
  const isGone =
    name === 'NoSuchKey' ||
    name === 'NoSuchVersion' ||
    (status === 404 && object !== undefined && meanings[name] === undefined) ||
    // A delete marker, asked for by its version, is not allowed to be read.
    (status === 405 && object?.version !== undefined);
  if (isGone) return new ObjectNotFoundError(location, key ?? '');
  if (name === 'PreconditionFailed' || status === 412) {
    return new PreconditionFailedError(
      `${where(location, key)} is not what it was expected to be: it was replaced, or exists already.`,
    );
  }
  if (key !== undefined && refusals.has(name))
    return new KeyRefusedError(location, key, `${message} (${name})`);
  const { code, advice, retryable } = meanings[name] ?? meaningOf(status, thrown);
  const id = requestId === undefined ? '' : `, request ${requestId}`;
  return new LcbError({
    code,
    message: `${where(location, key)}: ${name}. ${advice}`,
    retryable,
    // Not the client's own error: that one holds the whole answer, with parts of what was signed.
    cause: new Error(`${name} (${status ?? 'no answer'}${id}): ${message}`),
  });
}

function meaningOf(status: number | undefined, error: Error): Meaning {
  if (status === 403) return { ...denied, advice: 'The server refuses it.' };
  if (status === 401) return wrongKey;
  if (status === 404 || status === 405 || status === 501) return notOffered;
  if (status === 429 || (status !== undefined && status >= 500)) return busy;
  const isNetwork = 'code' in error && typeof error.code === 'string' && networkCodes.has(error.code);
  if (isNetwork && status === undefined) return silent;
  const isAnswer = status !== undefined;
  return { ...failed, advice: isAnswer ? `The server answers: ${error.message}` : `${error.message}.` };
}

function answerOf(error: Error): Answer {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const fields = typeof metadata === 'object' && metadata !== null ? metadata : {};
  return {
    name: 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name,
    message: error.message,
    status:
      'httpStatusCode' in fields && typeof fields.httpStatusCode === 'number'
        ? fields.httpStatusCode
        : undefined,
    requestId: 'requestId' in fields && typeof fields.requestId === 'string' ? fields.requestId : undefined,
  };
}

export function where(location: string, key: string | undefined): string {
  return key === undefined ? location : `${JSON.stringify(key)} in ${location}`;
}

/** Does the server not do this for us at all, or not offer it, whatever the object? */
export function isRefusal({ code }: LcbError): boolean {
  return code === 'objectStore.denied' || code === 'objectStore.notOffered';
}
