import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatRate,
  formatTime,
  plural,
} from './format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9_994, '9.99 kB'],
    [9_996, '10.0 kB'],
    [59_300_000, '59.3 MB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_234_567_890_123, '1.23 TB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('has three digits, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(formatBytes(bytes).replaceAll(/\D/g, '')).toHaveLength(3);
      }),
    );
  });
});

describe('durations and clocks', () => {
  it.each([
    [0.04, '0.0 s'],
    [8.44, '8.4 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7_620, '2 h 07 min'],
  ])('%f s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [12.9, '0:12'],
    [72, '1:12'],
    [3_723, '1:02:03'],
  ])('%f s is %s on a clock', (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });
});

it('counts, rates and times', () => {
  expect(formatCount(1_500)).toBe('1,500');
  expect(plural(1, 'object')).toBe('1 object');
  expect(plural(0, 'object')).toBe('0 objects');
  expect(formatRate(1_234.5)).toBe('1.24 kB/s');
  expect(formatTime('2025-11-09T15:30:00.000+01:00')).toBe('2025-11-09 14:30:00');
});
