/**
 * Reads the few documents that S3 answers with. They have no attributes that count, no mixed content and no comments, and a listing has a
 * thousand entries: looking for the next tag takes a hundredth of the time of a parser that builds a tree. What is not there is
 * `undefined`, so that a page of something else is never taken for an answer.
 */

/** The text of the first element of this name, decoded; `undefined` where there is none or it is not ended. */
export function textOf(xml: string, name: string): string | undefined {
  const inner = innerOf(xml, tagsOf(name), 0);
  return inner === undefined ? undefined : decoded(xml.slice(inner.from, inner.to));
}

/** What is between the tags of each element of one of these names, in the order of the document. They are not nested in one another. */
export function* elementsOf(
  xml: string,
  names: readonly string[],
): Generator<{ readonly name: string; readonly xml: string }> {
  const starts = names.map((name) => {
    const tags = tagsOf(name);
    return { name, tags, at: indexOfTag(xml, tags, 0) };
  });
  for (;;) {
    let next: (typeof starts)[number] | undefined;
    for (const start of starts) if (start.at >= 0 && (next === undefined || start.at < next.at)) next = start;
    if (next === undefined) return;
    const inner = innerOf(xml, next.tags, next.at);
    if (inner === undefined) return;
    yield { name: next.name, xml: xml.slice(inner.from, inner.to) };
    for (const start of starts)
      if (start.at < inner.to && start.at >= 0) start.at = indexOfTag(xml, start.tags, inner.to);
  }
}

/** The document from which everything is cut between the first and the last element of these names, which lie together. */
export function without(xml: string, names: readonly string[]): string {
  let from = xml.length;
  let to = 0;
  for (const name of names) {
    const tags = tagsOf(name);
    const first = indexOfTag(xml, tags, 0);
    if (first < 0) continue;
    from = Math.min(from, first);
    const last = xml.lastIndexOf(tags.close);
    to = Math.max(to, last < 0 ? first : last + tags.close.length);
  }
  return to === 0 ? xml : xml.slice(0, from) + xml.slice(to);
}

/** Is it a document whose outermost element has this name, and has it its end? */
export function isDocumentOf(xml: string, name: string): boolean {
  const root = /^(?:\ufeff)?\s*(?:<\?xml[^>]*\?>\s*)?<([\w.-]+)[\s/>]/.exec(xml)?.[1];
  return (
    root === name && (xml.trimEnd().endsWith(`</${name}>`) || innerOf(xml, tagsOf(name), 0) !== undefined)
  );
}

interface Tags {
  /** `<Name`: what comes next tells whether it is this tag. */
  readonly open: string;
  readonly close: string;
}

/** Put together once for each of the few names that there are, not for each of a million entries. */
const allTags = new Map<string, Tags>();

function tagsOf(name: string): Tags {
  const known = allTags.get(name);
  if (known !== undefined) return known;
  const tags = { open: `<${name}`, close: `</${name}>` };
  allTags.set(name, tags);
  return tags;
}

/** Where the content of the next element of this name is. One without content, `<Name/>`, has an empty one. */
function innerOf(xml: string, tags: Tags, position: number): { from: number; to: number } | undefined {
  const start = indexOfTag(xml, tags, position);
  if (start < 0) return undefined;
  const from = xml.indexOf('>', start) + 1;
  if (from === 0) return undefined;
  if (xml[from - 2] === '/') return { from, to: from };
  const to = xml.indexOf(tags.close, from);
  return to < 0 ? undefined : { from, to };
}

/** Of `<Name>`, `<Name …>` or `<Name/>`, and not of `<Names>`. */
function indexOfTag(xml: string, { open }: Tags, position: number): number {
  for (let at = xml.indexOf(open, position); at >= 0; at = xml.indexOf(open, at + 1)) {
    const next = xml.charCodeAt(at + open.length);
    // > / and white space
    if (next === 62 || next === 47 || next <= 32) return at;
  }
  return -1;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[String(name)] ?? String(whole);
  });
}

/** Text as the content of an element. */
export function encoded(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
