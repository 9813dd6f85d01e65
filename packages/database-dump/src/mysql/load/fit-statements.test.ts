import { describe, expect, it } from 'vitest';
import { inChunks } from '../../testing/plain-dump.ts';
import { fitRows } from './fit-statements.ts';

async function fitted(text: string, size: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of fitRows(inChunks(Buffer.from(text), size))) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('rows of a dump', () => {
  const rows = `INSERT INTO \`a\` VALUES ('/*M!999999\\\\- enable the sandbox mode */');\n${'x'.repeat(600)}`;

  it.each([1, 7, 300, 10_000])(
    'lose the line that other clients stumble over and nothing else (%i)',
    async (size) => {
      expect(await fitted(`/*M!999999\\- enable the sandbox mode */ \n${rows}`, size)).toBe(rows);
      expect(await fitted(rows, size)).toBe(rows);
      expect(await fitted('short', size)).toBe('short');
      expect(await fitted('', size)).toBe('');
    },
  );
});
