import { InvalidRequestError, timeSchema } from '@lcb/core';
import { z } from 'zod';
import type { RunRow } from './run-row.ts';

/** After which run a page begins. Opaque to callers: what it is made of may change with any version. */
export interface PagePosition {
  readonly requestedAt: string;
  readonly queuePosition: number;
}

const tokenSchema = z.tuple([timeSchema, z.number().int().positive()]);

export function pageToken(last: RunRow): string {
  return Buffer.from(JSON.stringify([last.requested_at.toISOString(), last.queue_position])).toString(
    'base64url',
  );
}

/** @throws InvalidRequestError */
export function parsePageToken(token: string): PagePosition {
  const parsed = tokenSchema.safeParse(jsonOf(Buffer.from(token, 'base64url').toString()));
  if (parsed.success) return { requestedAt: parsed.data[0], queuePosition: parsed.data[1] };
  throw new InvalidRequestError(
    '`pageToken` is not the `nextPageToken` of a page; ask for the first page without it.',
  );
}

/** Undefined for what is no JSON: the schema refuses that in the same way as any other wrong token. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
