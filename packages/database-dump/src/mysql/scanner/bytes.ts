const byteOf = (character: string): number => character.charCodeAt(0);

export const QUOTE = byteOf("'");
export const DOUBLE_QUOTE = byteOf('"');
export const BACKTICK = byteOf('`');
export const BACKSLASH = byteOf('\\');
export const DASH = byteOf('-');
export const HASH = byteOf('#');
export const SLASH = byteOf('/');
export const STAR = byteOf('*');
export const BANG = byteOf('!');
export const OPEN = byteOf('(');
export const CLOSE = byteOf(')');
export const SEMICOLON = byteOf(';');
export const NEWLINE = byteOf('\n');
export const CAPITAL_M = byteOf('M');

/** 1 for these bytes, 0 for all others: one look-up a byte. */
export function tableOf(...special: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of special) table[byte] = 1;
  return table;
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
