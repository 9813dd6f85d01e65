import { describe, expect, it } from 'vitest';
import { elementsOf, encoded, isDocumentOf, textOf } from './xml.ts';

const listing = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>library</Name><Prefix/><KeyCount>2</KeyCount>
<Contents><Key>a &amp; b&lt;&#62;&#x1F600;&quot;</Key><Size>5</Size><Owner><ID>x</ID></Owner></Contents>
<Contents><Key>c</Key><Size>0</Size></Contents><ContentsOfOthers>no</ContentsOfOthers></ListBucketResult>`;

describe('documents of S3', () => {
  it('are read element by element, decoded', () => {
    const found = [...elementsOf(listing, ['Contents'])];
    expect(found.map(({ xml }) => [textOf(xml, 'Key'), textOf(xml, 'Size'), textOf(xml, 'ETag')])).toEqual([
      ['a & b<>😀"', '5', undefined],
      ['c', '0', undefined],
    ]);
    expect(textOf(listing, 'Prefix')).toBe('');
    expect(textOf(listing, 'KeyCount')).toBe('2');
  });

  it('keep the order of elements of two kinds', () => {
    const xml = '<R><A>1</A><B>2</B><B/><A>3</A><B>4</B></R>';
    expect([...elementsOf(xml, ['A', 'B'])].map(({ name, xml: inner }) => name + inner)).toEqual([
      'A1',
      'B2',
      'B',
      'A3',
      'B4',
    ]);
  });

  it('are told from other documents, and from halves', () => {
    expect(isDocumentOf(listing, 'ListBucketResult')).toBe(true);
    expect(isDocumentOf('<CopyObjectResult/>', 'CopyObjectResult')).toBe(true);
    expect(isDocumentOf(listing.slice(0, -5), 'ListBucketResult')).toBe(false);
    expect(
      isDocumentOf('<html><body><ListBucketResult></ListBucketResult></body></html>', 'ListBucketResult'),
    ).toBe(false);
    expect(isDocumentOf('', 'ListBucketResult')).toBe(false);
    expect(isDocumentOf('<Error><Code>SlowDown</Code></Error>', 'CopyObjectResult')).toBe(false);
  });

  it('that break off in the middle of an element end there', () => {
    expect([...elementsOf('<R><A>1</A><A>2', ['A'])]).toHaveLength(1);
    expect(textOf('<A', 'A')).toBeUndefined();
  });

  it('carry any text', () => {
    const text = `<a href="x">&amp; ]]> 'q'`;
    expect(textOf(`<Key>${encoded(text)}</Key>`, 'Key')).toBe(text);
  });
});
