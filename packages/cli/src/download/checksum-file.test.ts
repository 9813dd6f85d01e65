import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatChecksum, parseChecksum, readChecksums } from './checksum-file.ts';

const sha256 = 'ab'.repeat(32);

describe('checksum lines', () => {
  it.each(['plain', 'with  spaces ', 'line\nfeed', 'back\\slash', 'both\\n\n', '\\', 'ä/é', ' leading'])(
    'read back as they were written: %j',
    (path) => {
      const line = formatChecksum({ sha256, path });
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(parseChecksum(line.slice(0, -1))).toEqual({ sha256, path });
    },
  );

  it('are as sha256sum writes them', () => {
    expect(formatChecksum({ sha256, path: 'a b' })).toBe(`${sha256}  a b\n`);
    expect(formatChecksum({ sha256, path: 'a\nb\\c' })).toBe(`\\${sha256}  a\\nb\\\\c\n`);
  });

  it('that were cut off are left out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lcb-checksums-'));
    const file = join(folder, 'SHA256SUMS');
    writeFileSync(file, `${formatChecksum({ sha256, path: 'a' })}nonsense\n${sha256}  b`);
    const lines = [];
    for await (const line of readChecksums(file)) lines.push(line);
    expect(lines).toEqual([{ sha256, path: 'a' }]);
    rmSync(folder, { recursive: true });
  });
});
