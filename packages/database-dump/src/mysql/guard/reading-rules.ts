/** Modes in which the server takes text apart as the lexer does. */
const MODES: ReadonlySet<string> = new Set([
  'ALLOW_INVALID_DATES',
  'EMPTY_STRING_IS_NULL',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'HIGH_NOT_PRECEDENCE',
  'IGNORE_SPACE',
  'NO_AUTO_CREATE_USER',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_DIR_IN_CREATE',
  'NO_ENGINE_SUBSTITUTION',
  'NO_FIELD_OPTIONS',
  'NO_KEY_OPTIONS',
  'NO_TABLE_OPTIONS',
  'NO_UNSIGNED_SUBTRACTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
  'PAD_CHAR_TO_FULL_LENGTH',
  'PIPES_AS_CONCAT',
  'REAL_AS_FLOAT',
  'SIMULTANEOUS_ASSIGNMENT',
  'STRICT_ALL_TABLES',
  'STRICT_TRANS_TABLES',
  'TIME_ROUND_FRACTIONAL',
  'TIME_TRUNCATE_FRACTIONAL',
  'TRADITIONAL',
]);
/** Those in which a byte of ASCII always is what it looks like. */
const CHARACTER_SETS = 'utf8|utf8mb3|utf8mb4|latin1|latin2|ascii|binary|cp1250|cp1251|cp1252';
const CHARACTER_SET = new RegExp(`^(?:${CHARACTER_SETS}|null|default)$`, 'i');
const COLLATION = new RegExp(`^(?:binary|(?:${CHARACTER_SETS})_\\w+)$`, 'i');

/** Is it a list of modes, and each of them known to be harmless? A mode that is not known might read text in a new way. */
export function areKnownModes(modes: string): boolean {
  return modes === '' || modes.split(',').every((mode) => MODES.has(mode.toUpperCase()));
}

export function isKnownCharacterSet(name: string): boolean {
  return CHARACTER_SET.test(name);
}

export function isKnownCollation(name: string): boolean {
  return COLLATION.test(name);
}
