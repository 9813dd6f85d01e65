import { describe, expect, it } from 'vitest';
import { TextEscaper } from './text-escaper.ts';

const LETTERS: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\r': '\\r',
  '\x1a': '\\Z',
  "'": "\\'",
  '\\': '\\\\',
};
const expected = (text: string) => `'${[...text].map((one) => LETTERS[one] ?? one).join('')}'`;

/** As one escaper writes them that lie behind each other in one buffer. */
function written(texts: readonly string[]): string[] {
  const bytes = Buffer.from(texts.join(''));
  const target = Buffer.alloc(2 * bytes.length + 2 * texts.length);
  const escaper = new TextEscaper();
  let at = 0;
  return texts.map((text) => {
    const to = at + Buffer.byteLength(text);
    const end = escaper.write(target, 0, bytes, at, to);
    at = to;
    return target.toString('utf8', 0, end);
  });
}

describe('TextEscaper', () => {
  it.each([
    ['nothing', ['']],
    ['plain text', ['hello', 'x'.repeat(10_000), 'line\nand "quotes" 漢字 🦊']],
    ['each of the bytes', ["'", '\\', '\r', '\0', '\x1a', '']],
    ['them close together', ["'\\''\\\r\n\0".repeat(300)]],
    ['them far apart', [`${'a'.repeat(100)}'${'b'.repeat(1000)}\\${'c'.repeat(49)}`]],
    ['one that lies behind the value', ['a'.repeat(60), `${'b'.repeat(60)}'`, "'c", 'd'.repeat(100)]],
  ])('writes %s', (_what, texts) => {
    expect(written(texts)).toEqual(texts.map(expected));
  });

  it('writes whatever comes', () => {
    const bytes = ['a', 'ü', '\n', "'", '\\', '\r', '\0', '\x1a', 'x'.repeat(50)];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const texts = Array.from({ length: 500 }, () =>
      Array.from({ length: random(40) }, () => bytes[random(bytes.length)]).join(''),
    );
    expect(written(texts)).toEqual(texts.map(expected));
  });
});
