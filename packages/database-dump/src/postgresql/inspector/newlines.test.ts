import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countNewlines } from './newlines.ts';

it('counts line feeds in any part of any bytes', () => {
  const byte = fc.constantFrom(0x0a, 0x0b, 0x8a, 0x00, 0x80, 0xff, 0x61, 0x09);
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 40 }),
      fc.nat(7),
      fc.nat(7),
      fc.nat(7),
      (list, offset, skip, cut) => {
        const bytes = new Uint8Array([...Array(offset).fill(0x0a), ...list]).subarray(offset);
        const from = Math.min(skip, bytes.length);
        const to = Math.max(from, bytes.length - cut);
        expect(countNewlines(bytes, from, to)).toBe(
          list.slice(from, to).filter((one) => one === 0x0a).length,
        );
      },
    ),
  );
});
