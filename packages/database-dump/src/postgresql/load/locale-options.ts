import type { PostgresqlLocale } from '@lcb/core';
import { quoteLiteral } from '../catalog/quote.ts';

/** Before, the C library is the only provider, and there is no word for it. */
const PROVIDERS_SINCE = 15;

/**
 * The options of `CREATE DATABASE` that give a database this locale. Always all of them: what is left out would be
 * taken from the template, whose provider is the cluster's. A server of an older major than the source's is refused
 * before, so it knows every option that a locale needs.
 */
export function localeOptions(locale: PostgresqlLocale, serverMajor: number): string {
  return [
    option('ENCODING', locale.encoding),
    ...(serverMajor >= PROVIDERS_SINCE ? [`LOCALE_PROVIDER ${locale.provider}`] : []),
    ...(locale.provider === 'icu' ? [option('ICU_LOCALE', locale.name)] : []),
    ...(locale.provider === 'icu' && locale.rules !== undefined ? [option('ICU_RULES', locale.rules)] : []),
    ...(locale.provider === 'builtin' ? [option('BUILTIN_LOCALE', locale.name)] : []),
    option('LC_COLLATE', locale.collate),
    option('LC_CTYPE', locale.characterType),
  ].join(' ');
}

/** For messages: `the encoding UTF8, the locale "de-AT" of ICU, LC_COLLATE "C" and LC_CTYPE "C"`. */
export function describeLocale(locale: PostgresqlLocale): string {
  return [
    `the encoding ${locale.encoding}, `,
    locale.provider === 'icu' ? `the locale ${JSON.stringify(locale.name)} of ICU, ` : '',
    locale.provider === 'builtin' ? `the builtin locale ${JSON.stringify(locale.name)}, ` : '',
    `LC_COLLATE ${JSON.stringify(locale.collate)} and LC_CTYPE ${JSON.stringify(locale.characterType)}`,
  ].join('');
}

function option(name: string, value: string): string {
  return `${name} ${quoteLiteral(value)}`;
}
