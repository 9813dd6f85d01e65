import { InvalidRequestError } from '@lcb/core';

const nul = '\u0000';
const replacement = '\ufffd';

/**
 * The value with every string as PostgreSQL can hold it: no NUL, no half of a surrogate pair, each replaced by U+FFFD.
 * For what the service says itself: the last lines of a broken tool may hold anything, and a run must be able to end
 * nevertheless. What users send is refused instead: see {@link assertStorable}.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(nul, replacement).toWellFormed();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storable(item)]));
}

/** @throws InvalidRequestError when a string in the value can't be kept as it is */
export function assertStorable(value: unknown, what: string): void {
  if (typeof value === 'string') {
    if (!value.includes(nul) && value.isWellFormed()) return;
    throw new InvalidRequestError(`${what} holds a NUL character or half a surrogate pair; take it out.`);
  }
  if (Array.isArray(value)) for (const item of value) assertStorable(item, what);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      assertStorable(key, what);
      assertStorable(item, what);
    }
  }
}
