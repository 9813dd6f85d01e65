import type { Finding } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { findingLine, findingTable } from './finding-table.ts';

const missing: Finding = {
  kind: 'missing',
  blame: 'source',
  key: '20097/20121/401/1.0',
  expectedSizes: [4300],
  row: { table: 'DLFileVersion', id: '45001', companyId: '20097', title: 'Contract (1.0)' },
  lastBackup: 'retail-prd-backup-20251108-143000',
};

describe('what does not fit', () => {
  it('is shown with the name that people know, and since when', () => {
    expect(findingTable([missing, { ...missing, key: '20097/20121/402/1.0', blame: 'backup' }])).toBe(
      [
        'OBJECT               FILE            SIZE     SINCE',
        '20097/20121/401/1.0  Contract (1.0)  4.30 kB  at the source, after retail-prd-backup-20251108-143000',
        '20097/20121/402/1.0  Contract (1.0)  4.30 kB  while this backup ran',
        '',
      ].join('\n'),
    );
  });

  it('says both sizes where they differ, and leaves out what nobody knows', () => {
    const { row: _row, lastBackup: _lastBackup, ...rest } = missing;
    expect(findingLine({ ...rest, kind: 'wrongSize', foundSize: 1 })).toBe(
      'wrongSize  20097/20121/401/1.0  1 B instead of 4.30 kB  at the source, before\n',
    );
    expect(findingTable([{ kind: 'unreferenced', blame: 'restore', key: 'a', foundSize: 7 }])).toBe(
      'OBJECT  SIZE  SINCE\na       7 B   by this restore\n',
    );
  });

  it('lets no name move the cursor', () => {
    expect(findingLine({ ...missing, key: 'a\u001b[2Jb\n' })).toContain('"a\\u001b[2Jb\\n"');
  });
});
