import { describe, expect, it } from 'vitest';
import { localeOptions } from './locale-options.ts';

const categories = { encoding: 'UTF8', collate: 'de_DE.utf8', characterType: 'C', version: '2.36' };
const options = `LC_COLLATE 'de_DE.utf8' LC_CTYPE 'C'`;

describe('the options of CREATE DATABASE', () => {
  it.each([
    [{ ...categories, provider: 'libc' }, 14, `ENCODING 'UTF8' ${options}`],
    [{ ...categories, provider: 'libc' }, 15, `ENCODING 'UTF8' LOCALE_PROVIDER libc ${options}`],
    [
      { ...categories, provider: 'icu', name: 'de-AT' },
      15,
      `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' ${options}`,
    ],
    [
      { ...categories, provider: 'icu', name: '', rules: `&'a'<\\b` },
      16,
      `ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE '' ICU_RULES  E'&''a''<\\\\b' ${options}`,
    ],
    [
      { ...categories, provider: 'builtin', name: 'C.UTF-8' },
      17,
      `ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' ${options}`,
    ],
  ] as const)('of %j on a server %d', (locale, major, expected) => {
    expect(localeOptions(locale, major)).toBe(expected);
  });
});
