import { createReadStream } from 'node:fs';

/** A line of `SHA256SUMS`, as `sha256sum -c` reads it. */
export interface ChecksumLine {
  readonly sha256: string;
  readonly path: string;
}

/** A name with a line feed or a backslash is written escaped, and a backslash at the line's beginning says so. */
export function formatChecksum({ sha256, path }: ChecksumLine): string {
  const name = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `${name === path ? '' : '\\'}${sha256}  ${name}\n`;
}

const pattern = /^(\\?)([0-9a-f]{64}) {2}(.+)$/s;

/** `undefined` for what is no such line, or not all of one. */
export function parseChecksum(line: string): ChecksumLine | undefined {
  const [, escaped, sha256, name] = pattern.exec(line) ?? [];
  if (sha256 === undefined || name === undefined) return undefined;
  const path = escaped === '' ? name : name.replaceAll(/\\[\\n]/g, (two) => (two === '\\n' ? '\n' : '\\'));
  return { sha256, path };
}

/** The lines of such a file, in order; a last one without its line feed was cut off and is left out. */
export async function* readChecksums(file: string): AsyncGenerator<ChecksumLine> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parseChecksum(line);
      if (parsed !== undefined) yield parsed;
    }
  }
}
