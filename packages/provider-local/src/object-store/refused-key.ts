/** Top folder for files that are being written. Reserved: no key begins with it and no listing shows it. */
export const temporaryFolder = '.lcb-tmp';

/** Bytes; NAME_MAX and PATH_MAX (less the closing NUL) of Linux, which other systems do not exceed. */
const longestName = 255;
const longestPath = 4095;

/** Why no file under `root` can have this key as its relative path, or `undefined` if one can. */
export function refusedKey(root: string, key: string, beside?: string): string | undefined {
  if (key === '') return 'it is empty.';
  if (!key.isWellFormed()) return 'it is not valid Unicode.';
  if (key.includes('\0')) return 'it holds a NUL character.';
  if (key.startsWith('/')) return 'it begins with a slash.';
  if (key.endsWith('/')) return 'it ends with a slash, which a file name can not.';
  const segments = key.split('/');
  if (segments[0] === temporaryFolder)
    return `the folder ${temporaryFolder} is reserved for files being written.`;
  for (const segment of segments) {
    if (segment === '') return 'it has an empty segment (two slashes in a row).';
    if (segment === '.' || segment === '..') return `the segment ${segment} means another folder.`;
    if (Buffer.byteLength(segment) > longestName) return `a segment has more than ${longestName} bytes.`;
  }
  if (Buffer.byteLength(root) + 1 + Buffer.byteLength(key) > longestPath) {
    return `with its folder in front it has more than ${longestPath} bytes.`;
  }
  if (beside !== undefined && key.startsWith(`${beside}/`)) {
    return `${JSON.stringify(beside)} is an object too, and a file can't be a folder.`;
  }
  return undefined;
}
