import { LcbError } from '@lcb/core';
import type { Bucket } from './bucket.ts';
import { noListing } from './no-listing.ts';

/**
 * A key as a listing with `EncodingType=url` has it: XML 1.0 can't carry control characters. A space is `+` there. Servers that do not
 * know the parameter leave it out of their answer, and give the key as it is. @throws LcbError `objectStore.keyNotUtf8`
 */
export function decodedKey(bucket: Bucket, key: string, encoding: string | undefined): string {
  if (encoding !== 'url') return key;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new LcbError({
      code: 'objectStore.keyNotUtf8',
      message: `${bucket.location} lists a key that is not UTF-8, percent-encoded ${JSON.stringify(key)}. Copy the object to a key that is, and remove this one.`,
    });
  }
}

/**
 * The store's key of an object that was listed for a prefix of the bucket. @throws LcbError `objectStore.noListing` where it is none of
 * those that were asked for: cut all the same it would be the key of another object
 */
export function listedKey(
  bucket: Bucket,
  prefix: string,
  key: string | undefined,
  encoding: string | undefined,
): string {
  const decoded = decodedKey(bucket, key ?? '', encoding);
  if (decoded === '' || !decoded.startsWith(bucket.prefix + prefix)) {
    const asked = JSON.stringify(bucket.prefix + prefix);
    throw noListing(bucket.location, `the listing of ${asked} has the key ${JSON.stringify(decoded)}`);
  }
  return decoded.slice(bucket.prefix.length);
}

/** Can an XML 1.0 document carry it? Line breaks and tabs it may change. */
export function fitsXml(key: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return !/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(key);
}
