import { Random } from '../../fixtures/random.ts';

/** Larger by far than what compressors look back on, so that a piece that comes again does not make text look better than it is. */
const poolCharacters = 24 * 2 ** 20;
const distinctWords = 6_000;
const distinctPhrases = 8_000;

/** Cut from a pool that is made once: a gigabyte of it costs little time. */
export function webPages(random: Random, characters: number): string {
  pool ??= generatePool();
  const start = random.between(0, pool.length - characters);
  return pool.slice(start, start + characters);
}

let pool: string | undefined;

/** HTML as people write it with an editor: set phrases more often than new sentences, links, images, lists, a little markup. */
function generatePool(): string {
  const random = new Random('web pages');
  const words = Array.from({ length: distinctWords }, () => word(random));
  const phrases = Array.from({ length: distinctPhrases }, () =>
    Array.from({ length: random.between(2, 7) }, () => often(random, words)).join(' '),
  );
  const sentence = () => {
    const text = Array.from({ length: random.between(2, 5) }, () => often(random, phrases)).join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}. `;
  };
  const text = () => Array.from({ length: random.between(2, 6) }, sentence).join('');
  const blocks = [
    () => `<p>${text()}</p>\n`,
    () =>
      `<p style="text-align: justify; margin: 0 0 10px;"><span style="font-size: 14px;">${text()}</span></p>\n`,
    () => `<p class="lead text-secondary mb-4">${text()}</p>\n`,
    () => `<h2>${often(random, phrases)}</h2>\n`,
    () =>
      `<p><a class="link-primary" href="/web/guest/-/${often(random, phrases).replaceAll(' ', '-')}">${text()}</a>&nbsp;</p>\n`,
    () =>
      `<ul>\n${Array.from({ length: random.between(2, 5) }, () => `\t<li class="list-item">${sentence()}</li>\n`).join('')}</ul>\n`,
    () =>
      `<picture data-fileentryid="${random.between(30_000, 90_000)}"><img alt="${often(random, phrases)}" src="/documents/20121/0/${often(random, words)}.jpg/${random.uuid()}?t=${1_700_000_000_000 + random.between(0, 9_999_999_999)}" /></picture>\n`,
  ];
  const parts: string[] = [];
  for (let length = 0; length < poolCharacters; ) {
    const block = random.pick(blocks)();
    parts.push(block);
    length += block.length;
  }
  return parts.join('');
}

/** One of a list, the first ones far more often than the last ones, as words in a language are. */
function often(random: Random, list: readonly string[]): string {
  return list[Math.floor(list.length * random.float() ** 3)] ?? '';
}

const syllables =
  'an be ca de el fa ge ho in ja ko la me no or pa qui re sa ti un ve wo ex ys ment tion ing er st tr ch ou ä ö'.split(
    ' ',
  );

function word(random: Random): string {
  return Array.from({ length: random.between(1, 4) }, () => random.pick(syllables)).join('');
}
