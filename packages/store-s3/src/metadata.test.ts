import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodedMetadata, encodedMetadata } from './metadata.ts';

describe('metadata in headers', () => {
  it('is ASCII, and comes back as it was', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.constantFrom('', ' ', ' x ', '=?UTF-8?B?w6k=?=', '=?', '?= =?', 'a =?b?= c', 'line\nbreak'),
    );
    fc.assert(
      fc.property(text, (value) => {
        const { title = '' } = encodedMetadata({ Title: value });
        expect(title).toMatch(/^[\x20-\x7e]*$/);
        for (const word of title.match(/=\?[^ ]*\?=/g) ?? []) expect(word.length).toBeLessThanOrEqual(75);
        expect(decodedMetadata({ title })).toEqual({ title: value });
      }),
      { numRuns: 500 },
    );
  });

  it('is read as other clients write it', () => {
    expect(decodedMetadata({ A: '=?UTF-8?Q?Gr=C3=B6=C3=9Fe_x?=', b: 'plain_text=41' })).toEqual({
      a: 'Größe x',
      b: 'plain_text=41',
    });
    expect(decodedMetadata({ a: '=?ISO-8859-1?Q?=E9?=' })).toEqual({ a: '=?ISO-8859-1?Q?=E9?=' });
  });
});
