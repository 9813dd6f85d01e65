import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListOptions, ObjectInfo } from '../ports/object-store.ts';
import { turn } from '../testing/streams.ts';
import { compareKeys } from './compare-keys.ts';
import { keyAhead } from './key-ahead.ts';
import { listAhead } from './list-ahead.ts';

const ahead = { pageSize: 3, ranges: 4, pages: 3 };

function infoOf(key: string): ObjectInfo {
  return { key, size: 1, etag: key, lastModified: '2025-11-09T14:30:00.000Z' };
}

/** A bucket of these keys, listed page by page, that knows how many pages are asked for at once. */
class Bucket {
  readonly #keys: readonly string[];
  atOnce = 0;
  most = 0;
  pages = 0;
  open = 0;
  failAfter: string | undefined;

  constructor(keys: readonly string[]) {
    this.#keys = [...keys].sort(compareKeys);
  }

  async *list({ startAfter, prefix = '' }: ListOptions): AsyncGenerator<readonly ObjectInfo[]> {
    this.open += 1;
    try {
      let rest = this.#keys.filter(
        (key) => key.startsWith(prefix) && (startAfter === undefined || compareKeys(key, startAfter) > 0),
      );
      for (let isTruncated = true; isTruncated; ) {
        this.atOnce += 1;
        this.pages += 1;
        this.most = Math.max(this.most, this.atOnce);
        for (let turns = 0; turns < 20; turns += 1) await turn();
        this.atOnce -= 1;
        const page = rest.slice(0, ahead.pageSize);
        const { failAfter } = this;
        const good = failAfter === undefined ? page : page.filter((key) => compareKeys(key, failAfter) <= 0);
        yield good.map(infoOf);
        if (good.length < page.length) throw new Error(`failed at ${page[good.length]}`);
        rest = rest.slice(ahead.pageSize);
        isTruncated = rest.length > 0;
      }
    } finally {
      this.open -= 1;
    }
  }

  async listed(options: ListOptions = {}): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of listAhead((given) => this.list(given), options, ahead)) keys.push(key);
    return keys;
  }
}

const library = Array.from({ length: 300 }, (_, file) => `20097/${30_000 + (file % 7)}/${1000 + file}/1.0`);

describe('a listing that is asked for in ranges', () => {
  it('has every key once, in order, whatever the keys are like', async () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((text) => text.isWellFormed()),
      fc.stringMatching(/^[0-9]{1,2}\/[0-9]{1,3}$/),
      fc.constantFrom('~', '~~', ' ', '\u{10ffff}', '\uffff', 'a', 'aa', 'a/'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 60 }),
        fc.option(key, { nil: undefined }),
        async (keys, startAfter) => {
          const bucket = new Bucket(keys);
          const expected = [...keys]
            .sort(compareKeys)
            .filter((one) => startAfter === undefined || compareKeys(one, startAfter) > 0);
          expect(await bucket.listed(startAfter === undefined ? {} : { startAfter })).toEqual(expected);
          expect(bucket.open).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('asks for several pages at once, and for few more than there are', async () => {
    const bucket = new Bucket(library);
    expect(await bucket.listed()).toEqual([...library].sort(compareKeys));
    expect(bucket.most).toBe(ahead.ranges);
    expect(bucket.pages).toBeLessThan((library.length / ahead.pageSize) * 1.5);
  });

  it('asks for nothing ahead of a reader who wants few, and goes on all the same', async () => {
    const bucket = new Bucket(library);
    const options = { atMost: 2 };
    for await (const _info of listAhead((given) => bucket.list(given), options, ahead)) break;
    expect(bucket.most).toBe(1);
    expect(await bucket.listed(options)).toEqual([...library].sort(compareKeys));
    expect(bucket.most).toBe(1);
  });

  it('keeps to the prefix', async () => {
    const bucket = new Bucket([...library, '20096/1', '20098/1']);
    expect(await bucket.listed({ prefix: '20097/30001/' })).toEqual(
      library.filter((key) => key.startsWith('20097/30001/')).sort(compareKeys),
    );
  });

  it('keeps entries of one key together, as its versions are', async () => {
    const bucket = new Bucket(library.flatMap((key) => [key, key]));
    expect(await bucket.listed()).toEqual(library.flatMap((key) => [key, key]).sort(compareKeys));
  });

  it('asks for nothing ahead where one page is all', async () => {
    const bucket = new Bucket(['a', 'b']);
    expect(await bucket.listed()).toEqual(['a', 'b']);
    expect(bucket.pages).toBe(1);
  });

  it('fails where the listing fails, after all that comes before', async () => {
    const bucket = new Bucket(library);
    bucket.failAfter = '20097/30003/';
    const keys: string[] = [];
    const read = async () => {
      for await (const { key } of listAhead((given) => bucket.list(given), {}, ahead)) keys.push(key);
    };
    await expect(read()).rejects.toThrow('failed at 20097/30003/1003/1.0');
    expect(keys).toEqual(library.filter((key) => key < '20097/30003/').sort(compareKeys));
    expect(bucket.open).toBe(0);
  });

  it('refuses a listing that has no order: cut into ranges it would lose keys', async () => {
    async function* unordered() {
      yield ['a', 'c', 'b', 'd'].map(infoOf);
    }
    const read = async () => {
      for await (const _info of listAhead(unordered, {}, ahead)) await turn();
    };
    await expect(read()).rejects.toMatchObject({ code: 'integrity.unsorted' });
  });

  it('refuses a server that begins before the key that it was to begin after, and forgives one that begins with it', async () => {
    const listed = async (first: string) => {
      async function* from() {
        yield [first, 'y', 'z'].map(infoOf);
      }
      const keys: string[] = [];
      for await (const { key } of listAhead(from, { startAfter: 'x' }, ahead)) keys.push(key);
      return keys;
    };
    expect(await listed('x')).toEqual(['y', 'z']);
    await expect(listed('a')).rejects.toMatchObject({ code: 'integrity.unsorted' });
  });

  it('leaves nothing open when its reader leaves', async () => {
    const bucket = new Bucket(library);
    for await (const _info of listAhead((given) => bucket.list(given), {}, ahead)) break;
    expect(bucket.open).toBe(0);
  });

  it('holds no more than it may', async () => {
    const bucket = new Bucket(library);
    const iterator = listAhead((given) => bucket.list(given), {}, ahead);
    await iterator.next();
    for (let turns = 0; turns < 5000; turns += 1) await turn();
    expect(bucket.pages).toBeLessThanOrEqual((ahead.ranges + 1) * (ahead.pages + 1));
    await iterator.return(undefined);
  });
});

it('a guess is greater than the last key, and goes on as the keys did', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(50), (one, other, factor) => {
      const [first = '', last = ''] = [one, other].sort(compareKeys);
      const guess = keyAhead(first, last, factor + 1);
      if (guess !== undefined && /^[ -~]*$/.test(last)) expect(compareKeys(guess, last)).toBeGreaterThan(0);
    }),
  );
  expect(keyAhead('20097/30000/', '20097/30001/', 3)).toMatch(/^20097\/30004/);
  expect(keyAhead('a', 'a', 3)).toBeUndefined();
});
