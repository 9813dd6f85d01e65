import { KeyRefusedError, type ObjectStore } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { keysOf, ownPrefix, readAll, sortedByBytes } from './bytes.ts';

/** Keys that trip naive stores up. A store may refuse one, but then says why, and everywhere. */
const awkwardKeys: readonly string[] = [
  'plain',
  'with space',
  ' leading and trailing ',
  'percent%2Fencoded',
  'plus+and&more=?#;',
  'quote"and\'apostrophe',
  'back\\slash',
  'colon:star*<pipe|>',
  'new\nline',
  'tab\tand\u007f',
  '.hidden',
  '...',
  'dot.',
  'ümläut-composed',
  'u\u0308mla\u0308ut-decomposed',
  '日本語/文書',
  '😀/emoji',
  '\uffee-after-emoji-in-utf16-only',
  '~tilde/1.0~0f1e2d3c-storeuuid',
  '20116/0/adaptive/x',
  'a-very/deep/'.concat('d/'.repeat(20), 'end'),
  'x'.repeat(255),
  'é'.repeat(127),
  'x'.repeat(256),
  `${`${'y'.repeat(170)}/`.repeat(6)}z`,
  `${'z'.repeat(100)}/`.repeat(9).concat('1'.repeat(80)),
  'é'.repeat(500),
  '',
  '/leading-slash',
  'trailing-slash/',
  'double//slash',
  '.',
  '..',
  'up/../and-away',
  'same/./place',
  'nul\0byte',
  'lone-surrogate-\ud800',
];

export function keyContract(store: () => ObjectStore, beyondServer: (key: string) => boolean): void {
  describe('keys', () => {
    it.each(awkwardKeys.filter((key) => !beyondServer(key)))(
      'are kept exactly or refused with a reason: %j',
      async (awkward) => {
        const prefix = ownPrefix();
        const key = awkward === '' || awkward.startsWith('/') ? awkward : prefix + awkward;
        const refusal = store().refuses(key);
        if (refusal === undefined) {
          await store().put(key, Buffer.from(awkward));
          expect(await readAll(store(), key)).toEqual(Buffer.from(awkward));
          expect(await keysOf(store().list({ prefix: key }))).toEqual([key]);
          expect((await store().head(key))?.key).toBe(key);
          await store().deleteMany([{ key }]);
          expect(await keysOf(store().list({ prefix: key }))).toEqual([]);
          return;
        }
        expect(refusal.length).toBeGreaterThan(10);
        await expect(store().head(key)).rejects.toBeInstanceOf(KeyRefusedError);
        await expect(store().get(key)).rejects.toBeInstanceOf(KeyRefusedError);
        await expect(store().put(key, Buffer.from('x'))).rejects.toBeInstanceOf(KeyRefusedError);
        await expect(store().deleteMany([{ key }])).rejects.toBeInstanceOf(KeyRefusedError);
      },
    );

    it.each([
      ['an object and a folder of another', ['clash', 'clash/below', 'clash.txt', 'clash-/x']],
      ['the two normal forms of one text', ['\u00fc', 'u\u0308']],
      ['upper and lower case', ['case', 'Case', 'CASE']],
      ['a space, its plus and its percent sign', ['a b', 'a+b', 'a%20b', 'a%2Bb']],
    ])('that look alike are different objects: %s', async (_, names) => {
      const prefix = ownPrefix();
      const held: string[] = [];
      for (const name of names) {
        const beside = names.find((other) => name.startsWith(`${other}/`));
        const isRefused = store().refuses(prefix + name, beside && prefix + beside) !== undefined;
        const put = store().put(prefix + name, Buffer.from(name));
        if (isRefused || (beside !== undefined && beyondServer(name))) {
          await expect(put).rejects.toBeInstanceOf(KeyRefusedError);
        } else {
          await put;
          held.push(prefix + name);
        }
      }
      expect(await keysOf(store().list({ prefix }))).toEqual(sortedByBytes(held));
      for (const key of held) {
        expect((await readAll(store(), key)).toString()).toBe(key.slice(prefix.length));
      }
    });

    it('never lead out of the location, not even as a prefix', async () => {
      expect(await keysOf(store().list({ prefix: '../' }))).toEqual([]);
      expect(await keysOf(store().list({ prefix: `${ownPrefix()}../` }))).toEqual([]);
      expect(await keysOf(store().list({ prefix: '/' }))).toEqual([]);
    });
  });
}
