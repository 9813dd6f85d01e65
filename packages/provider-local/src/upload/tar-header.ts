/** What one header block of a tar archive says. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970; negative before. */
  readonly mtime: number;
  readonly type: string;
}

export const blockLength = 512;

/** @returns a sentence's end that says what is wrong, where the block is no header */
export function parseHeader(block: Buffer): TarHeader | { readonly problem: string } {
  if (block.length < blockLength) return { problem: 'ends in the middle of a header' };
  if (checksumOf(block) !== numberAt(block, 148, 8))
    return { problem: 'has a damaged header, or is no tar archive' };
  const size = numberAt(block, 124, 12);
  const mtime = timeAt(block);
  if (size === undefined || mtime === undefined)
    return { problem: 'has a header with a size or time that is no number' };
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, 345, 155) : '';
  const name = textAt(block, 0, 100);
  if (prefix === undefined || name === undefined) return { problem: 'has a name that is not UTF-8' };
  const type = block.toString('latin1', 156, 157);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, mtime: mtime * 1000, type };
}

export function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function textAt(block: Buffer, at: number, length: number): string | undefined {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return textOf(end === -1 ? field : field.subarray(0, end));
}

/** Octal digits, or, where the first bit is set, a number in base 256. */
function numberAt(block: Buffer, at: number, length: number): number | undefined {
  const field = block.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    if (field[0] !== 0x80) return undefined;
    const value = BigInt(`0x${field.subarray(1).toString('hex')}`);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  }
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined;
}

/**
 * As any number, and of a time before 1970 in one of the two forms that are written though no standard has them: octal digits with a minus
 * sign behind the zeros that fill the field (tar-stream), or base 256 in two's complement (GNU).
 */
function timeAt(block: Buffer): number | undefined {
  const field = block.subarray(136, 148);
  if (field[0] === 0xff) {
    const value = BigInt.asIntN(96, BigInt(`0x${field.toString('hex')}`));
    return value < BigInt(Number.MIN_SAFE_INTEGER) ? undefined : Number(value);
  }
  const negative = /^0*-([0-7]+)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return negative === undefined ? numberAt(block, 136, 12) : -Number.parseInt(negative, 8);
}

/** The sum of all bytes, those of the checksum itself taken for spaces. */
function checksumOf(block: Buffer): number {
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  return sum;
}
