/**
 * Reads the few documents that S3 answers with. They have no attributes that count, no mixed content and no comments, and a listing has a
 * thousand entries: looking for the next tag takes a hundredth of the time of a parser that builds a tree. What is not there is
 * `undefined`, so that a page of something else is never taken for an answer.
 */

/** The text of the first element of this name, decoded; `undefined` where there is none or it is not ended. */
export function textOf(xml: string, name: string): string | undefined {
  const inner = innerOf(xml, name, 0);
  return inner === undefined ? undefined : decoded(xml.slice(inner.from, inner.to));
}

/** What is between the tags of each element of one of these names, in the order of the document. They are not nested in one another. */
export function* elementsOf(
  xml: string,
  names: readonly string[],
): Generator<{ readonly name: string; readonly xml: string }> {
  const starts = names.map((name) => ({ name, at: indexOfTag(xml, name, 0) }));
  for (;;) {
    let next: (typeof starts)[number] | undefined;
    for (const start of starts) if (start.at >= 0 && (next === undefined || start.at < next.at)) next = start;
    if (next === undefined) return;
    const inner = innerOf(xml, next.name, next.at);
    if (inner === undefined) return;
    yield { name: next.name, xml: xml.slice(inner.from, inner.to) };
    for (const start of starts)
      if (start.at < inner.to && start.at >= 0) start.at = indexOfTag(xml, start.name, inner.to);
  }
}

/** Is it a document whose outermost element has this name, and has it its end? */
export function isDocumentOf(xml: string, name: string): boolean {
  const root = /^(?:\ufeff)?\s*(?:<\?xml[^>]*\?>\s*)?<([\w.-]+)[\s/>]/.exec(xml)?.[1];
  return root === name && (xml.trimEnd().endsWith(`</${name}>`) || innerOf(xml, name, 0) !== undefined);
}

/** Where the content of the next element of this name is. One without content, `<Name/>`, has an empty one. */
function innerOf(xml: string, name: string, position: number): { from: number; to: number } | undefined {
  const start = indexOfTag(xml, name, position);
  if (start < 0) return undefined;
  const from = xml.indexOf('>', start) + 1;
  if (from === 0) return undefined;
  if (xml[from - 2] === '/') return { from, to: from };
  const to = xml.indexOf(`</${name}>`, from);
  return to < 0 ? undefined : { from, to };
}

/** Of `<Name>`, `<Name …>` or `<Name/>`, and not of `<Names>`. */
function indexOfTag(xml: string, name: string, position: number): number {
  for (let at = xml.indexOf(`<${name}`, position); at >= 0; at = xml.indexOf(`<${name}`, at + 1)) {
    const next = xml.charCodeAt(at + name.length + 1);
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
