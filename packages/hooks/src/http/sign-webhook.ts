import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

export interface WebhookMessage {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * Headers by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, timestamp and body.
 * @param secret `whsec_` and base64, as libraries make it; anything else is taken as it is, byte for byte
 */
export function webhookHeaders({ id, timestamp, body }: WebhookMessage, secret: string | undefined) {
  const plain = { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
  if (secret === undefined) return plain;
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret, 'utf8');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...plain, 'webhook-signature': `v1,${signature}` };
}
