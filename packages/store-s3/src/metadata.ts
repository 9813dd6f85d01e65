/**
 * A header holds ASCII only. S3 takes other text as RFC 2047 has it and answers with it so; a store of ours shows what is meant.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function encodedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), encodedValue(value)]),
  );
}

export function decodedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), decodedValue(value)]),
  );
}

const plain = /^[\x20-\x7e]*$/;
/** Bytes of text in one encoded word, which may have 75 characters. */
const wordBytes = 42;

function encodedValue(value: string): string {
  // Spaces at the ends of a header's value are not part of it, and what looks encoded would be decoded.
  if (plain.test(value) && value.trim() === value && !value.includes('=?')) return value;
  const words: string[] = [];
  let word = '';
  for (const character of value) {
    if (Buffer.byteLength(word + character) > wordBytes) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`).join(' ');
}

const encodedWord = /=\?([\w-]+)\?([BQ])\?([^?]*)\?=/gi;

function decodedValue(value: string): string {
  if (!value.includes('=?')) return value;
  // White space between encoded words is not part of the text (RFC 2047, 6.2).
  return value.replaceAll(/\?=\s+=\?/g, '?==?').replaceAll(encodedWord, (whole, charset, encoding, text) => {
    if (!/^(utf-8|us-ascii)$/i.test(String(charset))) return String(whole);
    const bytes =
      String(encoding).toUpperCase() === 'B'
        ? Buffer.from(String(text), 'base64')
        : quotedPrintable(String(text));
    return bytes.toString('utf8');
  });
}

function quotedPrintable(text: string): Buffer {
  const latin = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(String(hex), 16)));
  return Buffer.from(latin, 'latin1');
}
