import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../usage-error.ts';
import type { Mistake } from './explain-issue.ts';

/** A YAML file as data, with the way back from a field to its line. */
export interface YamlFile {
  readonly value: unknown;
  /** The mistakes as `file:line:column: sentence`, in the order of the file. */
  locate(mistakes: readonly Mistake[]): string[];
}

/** @throws UsageError for what is no YAML, naming the first place */
export function parseYamlFile(path: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [first] = document.errors;
  if (first !== undefined) {
    throw new UsageError(`${place(first.pos[0])}: ${first.message.replace(/\.?$/, '.')}`, 'config.invalid');
  }
  return {
    value: document.toJS(),
    locate(mistakes) {
      return mistakes
        .map(({ path: field, sentence }) => ({ offset: offsetOf(document, field), sentence }))
        .sort((a, b) => a.offset - b.offset)
        .map(({ offset, sentence }) => `${place(offset)}: ${sentence}`);
    },
  };
}

/** Where a field begins: its key, or, when it is not there, the nearest one above. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const name = String(path[length - 1]);
    const found = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)
      : undefined;
    if (isNode(found?.key) && found.key.range) return found.key.range[0];
  }
  return 0;
}
