import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName, oneOf, suggestion } from './nearest-name.ts';

describe('editDistance', () => {
  it('is a distance', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

it('finds what was probably meant, and nothing else', () => {
  const known = ['database', 'library', 'backups'];
  expect(nearestName('libary', known)).toBe('library');
  expect(nearestName('Backup', known)).toBe('backups');
  expect(nearestName('schedule', known)).toBeUndefined();
});

it('suggests one, or names all', () => {
  expect(suggestion('libary', ['library', 'backups'])).toBe('; did you mean library?');
  expect(suggestion('x', ['library', 'backups'])).toBe('; it may be library or backups.');
  expect(suggestion('x', [])).toBe('.');
  expect(oneOf(['a', 'b', 'c'])).toBe('a, b or c');
});
