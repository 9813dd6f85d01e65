/**
 * A key as a listing with `EncodingType=url` has it: XML 1.0 can't carry control characters. A space is `+` there. Servers that do not
 * know the parameter leave it out of their answer, and give the key as it is.
 */
export function listedKey(key: string | undefined, encoding: string | undefined): string {
  if (key === undefined) return '';
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** Can an XML 1.0 document carry it? Line breaks and tabs it may change. */
export function fitsXml(key: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return !/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(key);
}
