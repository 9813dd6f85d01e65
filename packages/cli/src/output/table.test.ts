import { expect, it } from 'vitest';
import { details, indented, table } from './table.ts';

it('is as wide as its widest cell, and ends without spaces', () => {
  const columns = [{ title: 'ID' }, { title: 'SIZE', align: 'right' as const }, { title: '' }];
  const rows = [
    ['a', '1 B', ''],
    ['longer', '1,000 B', 'x'],
  ];
  expect(table(columns, rows)).toBe('ID         SIZE\na           1 B\nlonger  1,000 B  x\n');
});

it('does not count colours', () => {
  const rows = [
    ['\u001b[32mok\u001b[39m', 'x'],
    ['FAILED', 'y'],
  ];
  expect(table([{ title: '' }, { title: '' }], rows)).toBe('\n\u001b[32mok\u001b[39m      x\nFAILED  y\n');
});

it('leaves out details that there are not', () => {
  const text = details([
    ['Base', undefined],
    ['Location', 'file:///srv'],
  ]);
  expect(text).toBe('Location  file:///srv\n');
  expect(indented(text)).toBe('  Location  file:///srv\n');
});
