import { type CloudEvent, errorMessage, type HttpHook, LcbError, orAborted, type Secrets } from '@lcb/core';
import type { AllowList } from '../egress/allow-list.ts';
import { guardEgress, type Resolve } from '../egress/egress-guard.ts';
import { sendGuarded } from './guarded-request.ts';
import { webhookHeaders } from './sign-webhook.ts';

export interface HttpHookServices {
  readonly secrets: Secrets;
  readonly allow: AllowList;
  readonly resolve: Resolve;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Statuses, beside 5xx, that may be others later. */
const passing = new Set([408, 425, 429]);

/** Posts the event as JSON, signed. */
export async function callHttpHook(
  hook: HttpHook,
  event: CloudEvent,
  services: HttpHookServices,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(hook.url);
  const secret = hook.secret === undefined ? undefined : await services.secrets.resolve(hook.secret);
  const body = JSON.stringify(event);
  const timestamp = Math.floor(services.now() / 1000);
  const deadline = AbortSignal.timeout(hook.timeoutSeconds * 1000);
  const bounded = AbortSignal.any([signal, deadline]);
  let status: number;
  try {
    const { addresses } = await guardEgress(url, services.allow, services.resolve, bounded);
    const sent = sendGuarded({
      url,
      method: hook.method,
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'liferay-cloud-backup',
        ...webhookHeaders({ id: event.id, timestamp, body }, secret),
      },
      body,
      addresses,
      signal: bounded,
    });
    // Whatever a server finds to do, and whatever Node makes of it: the bound is kept.
    status = await orAborted(sent, bounded);
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) throw timedOut(url, hook);
    throw LcbError.isInstance(error) ? error : unreachable(url, error);
  }
  if (status >= 200 && status < 300) return;
  throw refused(url, status);
}

function timedOut(url: URL, { timeoutSeconds }: HttpHook): LcbError {
  return new LcbError({
    code: 'hook.timedOut',
    message: `The hook at ${url.host} did not answer within ${timeoutSeconds} seconds. Answer sooner, or raise its timeoutSeconds.`,
    retryable: true,
  });
}

function unreachable(url: URL, cause: unknown): LcbError {
  const isCertificate = cause instanceof Error && 'code' in cause && isCertificateCode(cause.code);
  return new LcbError({
    code: 'hook.unreachable',
    message: `The hook at ${url.host} can't be reached: ${errorMessage(cause)}.${isCertificate ? ' Its certificate must be one that Node.js trusts; NODE_EXTRA_CA_CERTS adds your own.' : ''}`,
    retryable: !isCertificate,
    cause,
  });
}

function isCertificateCode(code: unknown): boolean {
  return typeof code === 'string' && /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/.test(code);
}

function refused(url: URL, status: number): LcbError {
  const isRedirect = status >= 300 && status < 400;
  return new LcbError({
    code: 'hook.refused',
    message: `The hook at ${url.host} answered with ${status}${isRedirect ? ', a redirect, which is not followed: name the final URL' : ' and not with success (2xx)'}.`,
    retryable: status >= 500 || passing.has(status),
  });
}
