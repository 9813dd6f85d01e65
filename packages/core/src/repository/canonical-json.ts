import canonicalize from 'canonicalize';
import { LcbError } from '../errors/lcb-error.ts';

/** JSON Canonicalization Scheme (RFC 8785): the same value always gives the same bytes, so that they can be hashed. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new LcbError({ code: 'internal', message: 'This value has no JSON form.' });
  return text;
}
