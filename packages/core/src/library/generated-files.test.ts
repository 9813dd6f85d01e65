import { describe, expect, it } from 'vitest';
import { isGeneratedFile } from './generated-files.ts';

describe('generated files', () => {
  it.each([
    '20097/0/document_preview/30011/1.0/1.png',
    '20097/0/document_thumbnail/30011/1.0.jpg',
    '1/0/adaptive/Thumbnail-300x300/20117/30011/1.0',
  ])('%s can be made again', (key) => {
    expect(isGeneratedFile(key)).toBe(true);
  });

  it.each([
    '20097/0/30001.png/1.0',
    '20097/0/saml/keystore.jks',
    '20097/0/adaptive',
    '20097/0/adaptives/x',
    '20097/0/document_previews/x',
    '20097/20117/document_preview/1.0',
    '20097/00/adaptive/x',
    'x/0/adaptive/y',
    '/0/adaptive/y',
    'backup/20097/0/adaptive/y',
    ' 20097/0/adaptive/y',
    '20097/0/Adaptive/y',
    '٣/0/adaptive/y',
    '\n20097/0/adaptive/y',
  ])('%j is content', (key) => {
    expect(isGeneratedFile(key)).toBe(false);
  });
});
