import { InvalidRequestError } from '@lcb/core';
import type { z } from 'zod';

/**
 * What a caller passed in, parsed by its schema.
 * @param what names the value in the message: "The request", "The environment".
 * @throws InvalidRequestError naming the first field that is wrong
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? '' : ` at \`${issue.path.join('.')}\``;
  throw new InvalidRequestError(`${what} is not valid${field}: ${issue?.message ?? 'unknown reason'}.`);
}

/** A count or a number of seconds that has to be a whole number from 1 on. @throws InvalidRequestError */
export function assertPositiveInteger(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidRequestError(`\`${name}\` must be a whole number from 1 on, not ${value}.`);
}
