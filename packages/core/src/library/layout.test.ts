import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { type KeyShape, keyShape, LayoutTally } from './layout.ts';
import { sampleLayout } from './sample-layout.ts';

const bucket = ['20097/20121/401/1.0', '20097/20121/42/PWC', '20097/30001/401/1.0~0f6b2c58-aa'];
const advanced = [
  '20097/20121/40/401.afsh/401_1.0.afsh',
  '20097/20121/40/12/40123.pdf/40123_1.2.pdf',
  '20097/20121/42.afsh/42_1.0.afsh',
  '20097/20121/DLFE/40/401.pdf/401_1.0.pdf',
];

describe('the shape of a key', () => {
  it.each<[key: string, shape: KeyShape]>([
    ...bucket.map((key): [string, KeyShape] => [key, 'bucket']),
    ['20097/0/saml/keystore.jks', 'bucket'],
    ['20097/0/1234.png/1.0', 'bucket'],
    ['20097/20121/401.pdf/1.0', 'bucket'],
    ...advanced.map((key): [string, KeyShape] => [key, 'advancedFileSystem']),
    ['20097/20121/DLFE-401.pdf/1.0', 'advancedFileSystem'],
    ['document_library/20097/20121/401/1.0', 'nested'],
    ['data/document_library/20097/20121/401/1.0', 'nested'],
    ['_deleted/20097/20121/401/1.0', 'storeArea'],
    ['_new/20097/20121/401/1.0', 'storeArea'],
    ['20097/readme.txt', 'other'],
    ['.DS_Store', 'other'],
    ['20097/20121/401', 'other'],
  ])('%s is %s', (key, shape) => {
    expect(keyShape(key)).toBe(shape);
  });
});

function layoutOf(keys: readonly string[]) {
  const tally = new LayoutTally();
  for (const key of keys) tally.add(key);
  return tally.layout;
}

describe('the layout of a library', () => {
  it.each([
    ['nothing', [], { kind: 'empty' }],
    ['generated files alone', ['20097/0/adaptive/1/2/a.png'], { kind: 'empty' }],
    ['areas of the store alone', ['_deleted/20097/20121/401/1.0'], { kind: 'empty' }],
    ['a bucket with a stray file', [...bucket, '.DS_Store'], { kind: 'bucket' }],
    ['an advanced store', [...advanced, '20097/0/saml/keystore.jks'], { kind: 'advancedFileSystem' }],
    [
      'the folder above',
      bucket.map((key) => `document_library/${key}`),
      { kind: 'nested', prefix: 'document_library/' },
    ],
    ['anything else', ['photos/a.jpg', 'photos/b.jpg'], { kind: 'unknown' }],
  ])('of %s', (_what, keys, layout) => {
    expect(layoutOf(keys)).toEqual(layout);
  });

  it('is found by a look at each folder at the top, however many objects the first ones have', async () => {
    const store = new MemoryStore();
    for (let number = 0; number < 60; number += 1) await store.put(`.trash/${number}`, Buffer.from(''));
    for (let number = 0; number < 120; number += 1)
      await store.put(`document_library/20097/20121/${number}/1.0`, Buffer.from(''));
    for (let number = 0; number < 55; number += 1)
      await store.put(`elsewhere/20097/20121/${number}/1.0`, Buffer.from(''));
    expect(await sampleLayout(store)).toEqual({ kind: 'nested', prefix: 'document_library/' });
    expect(await sampleLayout(new MemoryStore())).toEqual({ kind: 'empty' });
  });
});
