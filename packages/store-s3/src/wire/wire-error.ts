import { type Answer, headerOf } from './exchange.ts';
import { isDocumentOf, textOf } from './xml.ts';

/** An answer that says what went wrong, in the form of the SDK's own errors. */
export class WireError extends Error {
  readonly Code: string;
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };

  constructor(code: string, message: string, answer: Answer) {
    super(message);
    this.name = code;
    this.Code = code;
    this.$metadata = { httpStatusCode: answer.status, requestId: headerOf(answer, 'x-amz-request-id') };
  }
}

/** Names for answers without a document, as those to HEAD. */
const names: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  412: 'PreconditionFailed',
  429: 'SlowDown',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
};

/** What an answer says of a failure, also one with 200; `undefined` where it says that all went well. */
export function errorOf(answer: Answer): WireError | undefined {
  const { status, body } = answer;
  const isError = isDocumentOf(body, 'Error');
  if (status >= 200 && status < 300 && !isError) return undefined;
  const code = (isError ? textOf(body, 'Code') : undefined) ?? names[status] ?? `Http${status}`;
  const message = (isError ? textOf(body, 'Message') : undefined) ?? `the server answered with ${status}`;
  return new WireError(code, message, answer);
}

const retried = new Set([
  'InternalError',
  'ServiceUnavailable',
  'SlowDown',
  'RequestTimeout',
  'RequestTimeoutException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'BandwidthLimitExceeded',
  'TransientRequest',
  'PriorRequestNotComplete',
  'EC2ThrottledException',
]);
const retriedStatuses = new Set([429, 500, 502, 503, 504]);

/** Says the server that it has too much to do? Then pauses are longer. */
export function isThrottling({ Code, $metadata }: WireError): boolean {
  return /SlowDown|Throttl|TooMany|LimitExceeded/.test(Code) || [429, 503].includes($metadata.httpStatusCode);
}

/** May the very same request be made once more? */
export function isWorthATry(thrown: unknown): boolean {
  if (thrown instanceof WireError)
    return retried.has(thrown.Code) || retriedStatuses.has(thrown.$metadata.httpStatusCode);
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return thrown.name === 'TimeoutError' || networkCodes.has(code);
}

/** Those that the client tries again for. */
const networkCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
