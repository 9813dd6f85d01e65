import { describe, expect, it } from 'vitest';
import { LineTail } from './line-tail.ts';
import { scrubber } from './scrub.ts';

describe('LineTail', () => {
  it('keeps the last lines, wherever the text is cut', () => {
    const tail = new LineTail(2);
    for (const character of 'one\ntwo\n\nthree\nfour') tail.push(character);
    expect(tail.lines()).toEqual(['three', 'four']);
  });

  it('does not grow with a line that never ends', () => {
    const tail = new LineTail(2);
    for (let i = 0; i < 100; i += 1) tail.push('x'.repeat(10_000));
    expect(tail.lines().join('').length).toBeLessThan(10_000);
  });
});

describe('scrubber', () => {
  it('takes secrets out, also as a URL has them', () => {
    const scrub = scrubber(['p@ss word', undefined, '']);
    expect(scrub('p@ss word, p%40ss%20word, else')).toBe('***, ***, else');
  });
});
