import { createHash } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { copyLine } from '../../fixtures/postgresql/copy-text.ts';
import { describeDatabase } from './describe-database.ts';

const bytes = 20_000_000;

function linesByTable(): Map<string, string> {
  const lines = new Map<string, string[]>();
  for (const { table, row } of describeDatabase(bytes)) {
    const known = lines.get(table.name) ?? [];
    known.push(copyLine(table, row));
    lines.set(table.name, known);
  }
  return new Map([...lines].map(([name, all]) => [name, all.join('')]));
}

describe('describeDatabase', () => {
  const tables = linesByTable();
  const all = [...tables.values()].join('');

  it('puts 85 % of the bytes into one of a dozen tables', () => {
    expect(tables.size).toBe(13);
    expect(Buffer.byteLength(all) / bytes).toBeCloseTo(1, 1);
    expect((tables.get('JournalArticle') ?? '').length / all.length).toBeCloseTo(0.85, 2);
  });

  it('has text that compresses as web content does', () => {
    const compressed = zstdCompressSync(all, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    const ratio = Buffer.byteLength(all) / compressed.length;
    expect(ratio).toBeGreaterThan(4);
    expect(ratio).toBeLessThan(8);
  });

  it('has the same rows each time', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(hash([...linesByTable().values()].join(''))).toBe(hash(all));
  });
});
