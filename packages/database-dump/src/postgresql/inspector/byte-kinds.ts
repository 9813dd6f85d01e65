import { byteOf } from './section.ts';

export const QUOTE = byteOf("'");
export const DOUBLE_QUOTE = byteOf('"');
export const DOLLAR = byteOf('$');
export const DASH = byteOf('-');
export const SLASH = byteOf('/');
export const STAR = byteOf('*');
export const OPEN = byteOf('(');
export const CLOSE = byteOf(')');
export const SEMICOLON = byteOf(';');
export const BACKSLASH = byteOf('\\');

const OTHER = 0;
/** Part of a name, a key word or a number. */
export const WORD = 1;
export const SPACE = 2;
/** One of the above. */
export const SPECIAL = 3;

const SPECIALS = [QUOTE, DOUBLE_QUOTE, DOLLAR, DASH, SLASH, STAR, OPEN, CLOSE, SEMICOLON, BACKSLASH];

/** What a byte is outside of literals, comments and rows. */
export const KINDS: Uint8Array = new Uint8Array(256).map((_, byte) => {
  if (SPECIALS.includes(byte)) return SPECIAL;
  const character = String.fromCharCode(byte);
  if (byte >= 0x80 || /\w/.test(character)) return WORD;
  return /\s/.test(character) ? SPACE : OTHER;
});
