import { describe, expect, it } from 'vitest';
import { splitIdentifiers } from './identifier-list.ts';

describe('a list of identifiers', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['""', ['']],
    ['"$user", public', ['$user', 'public']],
    [' liferay ,\tlpartition_1\n', ['liferay', 'lpartition_1']],
    ['"My, Schema", "say ""so""", Mixed', ['My, Schema', 'say "so"', 'mixed']],
    ['"Zażółć \\", Ż', ['Zażółć \\', 'Ż']],
    ['a"b', ['a"b']],
  ])('%j', (list, identifiers) => {
    expect(splitIdentifiers(list)).toEqual(identifiers);
  });

  it.each([',', 'a,', 'a,,b', 'a b', '"a', '"a" b', '"a"b', '"a""'])('is not %j', (list) => {
    expect(splitIdentifiers(list)).toBeUndefined();
  });
});
