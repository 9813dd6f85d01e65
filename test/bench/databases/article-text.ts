import type { Random } from '../../fixtures/random.ts';
import { webPages } from './web-pages.ts';

const [shortest, longest] = [2_000, 14_000];

/**
 * The `content` of a web content article as Liferay keeps it: XML around HTML. A gigabyte of them compresses to a sixth or so with `zstd -3`, as
 * such tables do.
 */
export function articleText(random: Random): string {
  const length = random.between(shortest, longest);
  const fields: string[] = [];
  for (let written = 0; written < length; ) {
    const characters = Math.min(length - written, random.between(800, 6_000));
    fields.push(field(random, fields.length, characters));
    written += characters;
  }
  return `<?xml version="1.0"?>\n\n<root available-locales="en_US" default-locale="en_US" version="1.0">\n${fields.join('')}</root>`;
}

function field(random: Random, index: number, characters: number): string {
  const name = `Text${10_000_000 + random.between(0, 300) * 7919 + index}`;
  const instance = random.uint32().toString(36);
  return `\t<dynamic-element field-reference="${name}" index-type="text" instance-id="${instance}" name="${name}" type="rich_text">\n\t\t<dynamic-content language-id="en_US"><![CDATA[${webPages(random, characters)}]]></dynamic-content>\n\t</dynamic-element>\n`;
}
