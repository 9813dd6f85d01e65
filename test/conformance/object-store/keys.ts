import { KeyRefusedError, type ObjectStore } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { keysOf, ownPrefix, readAll } from './bytes.ts';

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

export function keyContract(store: () => ObjectStore): void {
  describe('keys', () => {
    it.each(awkwardKeys)('are kept exactly or refused with a reason: %j', async (awkward) => {
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
    });

    it('never lead out of the location, not even as a prefix', async () => {
      expect(await keysOf(store().list({ prefix: '../' }))).toEqual([]);
      expect(await keysOf(store().list({ prefix: `${ownPrefix()}../` }))).toEqual([]);
      expect(await keysOf(store().list({ prefix: '/' }))).toEqual([]);
    });
  });
}
