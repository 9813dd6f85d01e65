import { describe, expect, it } from 'vitest';
import { partBytes } from './parts.ts';

const mebibyte = 2 ** 20;
const tebibyte = 2 ** 40;

describe('the size of parts', () => {
  it('lets the largest object fit, where its size is known', () => {
    for (const size of [0, 1, 8 * mebibyte, 100 * 2 ** 30, 5 * tebibyte]) {
      const bytes = partBytes(1, 8 * mebibyte, size);
      expect(partBytes(10_000, 8 * mebibyte, size)).toBe(bytes);
      expect(Math.ceil(size / bytes)).toBeLessThanOrEqual(10_000);
      expect(bytes).toBeGreaterThanOrEqual(8 * mebibyte);
    }
  });

  it('grows slowly where it is not, and lets 3 TiB fit', () => {
    let sum = 0;
    for (let number = 1; number <= 10_000; number += 1) {
      if (sum < 100 * 2 ** 30)
        expect(partBytes(number, 8 * mebibyte, undefined)).toBeLessThan(120 * mebibyte);
      sum += partBytes(number, 8 * mebibyte, undefined);
    }
    expect(sum).toBeGreaterThan(3 * tebibyte);
    expect(() => partBytes(10_001, 8 * mebibyte, undefined)).toThrow('partSize');
  });
});
