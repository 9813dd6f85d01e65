import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from './compare-keys.ts';

/** Every well-formed string, with many that share a beginning and differ around the surrogates. */
const delicate = fc.constantFrom(
  'a',
  '\u{7f}',
  '\u{80}',
  '\u{7ff}',
  '\u{800}',
  '\u{d7ff}',
  '\u{e000}',
  '\u{ffff}',
  '\u{10000}',
  '\u{103ff}',
  '\u{10400}',
  '\u{10ffff}',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(delicate, { maxLength: 5 }).map((units) => units.join('')),
);

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is that of their bytes for every pair of characters at a border', () => {
    const borders = [
      0, 1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x103ff, 0x10400, 0x10fc00,
      0x10ffff,
    ];
    for (const a of borders.map((point) => `k${String.fromCodePoint(point)}`)) {
      for (const b of borders.map((point) => `k${String.fromCodePoint(point)}`)) {
        expect(Math.sign(compareKeys(a, b)), `${a} ${b}`).toBe(
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
      }
    }
  });

  it('calls nothing equal that differs, lone surrogates included', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        text,
        (a, b) => {
          expect(compareKeys(a, b) === 0).toBe(a === b);
          expect(Math.sign(compareKeys(a, b)) + Math.sign(compareKeys(b, a))).toBe(0);
        },
      ),
    );
  });
});
