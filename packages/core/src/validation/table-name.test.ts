import { expect, it } from 'vitest';
import { plainTableName } from './table-name.ts';

it.each([
  'DLFileEntry',
  'dlfileentry',
  'DLFILEENTRY',
  '"DLFileEntry"',
  '`DLFileEntry`',
  '[DLFileEntry]',
  'lportal.DLFileEntry',
  '"lportal"."DLFileEntry"',
  '`lportal`.`dlfileentry`',
])('reads %s as one and the same table', (marker) => {
  expect(plainTableName(marker)).toBe('dlfileentry');
});

it('keeps a dot and quotes that are part of a quoted name', () => {
  expect(plainTableName('"a.b"')).toBe('a.b');
  expect(plainTableName('s."a""b"')).toBe('a"b');
});
