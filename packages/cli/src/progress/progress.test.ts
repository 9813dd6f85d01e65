import { stripVTControlCharacters } from 'node:util';
import { restoreSchema, type UnitsStatus } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { bar, wanderingBar } from './bar.ts';
import { Rate } from './rate.ts';
import { RunLines } from './run-lines.ts';

describe('bars', () => {
  it('are always as wide', () => {
    for (const percent of [-1, 0, 1, 50, 99.9, 100, 120]) expect(bar(percent)).toHaveLength(24);
    for (const seconds of [0, 0.5, 7, 100]) expect(wanderingBar(seconds)).toHaveLength(24);
    expect(bar(50)).toBe('━━━━━━━━━━━━────────────');
  });
});

describe('Rate', () => {
  it('is of the last few seconds', () => {
    const rate = new Rate();
    expect(rate.add(0, 0)).toBeUndefined();
    expect(rate.add(1, 1000)).toBe(1000);
    for (let second = 2; second <= 10; second += 1) rate.add(second, 1000);
    expect(rate.add(11, 1000)).toBe(0);
  });

  it('begins anew with the work', () => {
    const rate = new Rate();
    rate.add(0, 5000);
    expect(rate.add(1, 10)).toBeUndefined();
    expect(rate.add(2, 20)).toBe(10);
  });
});

describe('RunLines', () => {
  const time = '2025-11-09T14:30:00.000Z';
  const run = (units: UnitsStatus, cancelRequested = false) =>
    restoreSchema.parse({
      kind: 'restore',
      runId: 'retail-prd-restore-20251109-143000',
      projectId: 'retail',
      environment: 'copy',
      state: 'InProgress',
      units,
      epoch: 1,
      cancelRequested,
      requestedAt: time,
      request: {
        kind: 'restore',
        requestId: 'r',
        projectId: 'retail',
        environment: 'prd',
        initiator: 'jane',
        requestedAt: time,
        correlationId: 'c',
        backupId: 'retail-prd-backup-20251109-143000',
        backup: { environment: 'prd', location: 'file:///srv/backups' },
        units: ['database', 'documentLibrary'],
        target: { environment: 'copy' },
      },
    });
  const shown = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

  it('show each unit with what is known of it', () => {
    const lines = new RunLines();
    const at = (bytes: number, seconds: number) =>
      shown(
        lines.of(
          run({
            database: { state: 'InProgress', bytes, progress: 50 },
            documentLibrary: { state: 'Pending' },
          }),
          seconds,
        ),
      );
    at(1000, 1);
    expect(at(3000, 2)).toEqual([
      'retail-prd-restore-20251109-143000  InProgress  0:02',
      '  database         ━━━━━━━━━━━━────────────   50 %  3.00 kB  2.00 kB/s',
      '  documentLibrary  ────────────────────────  Pending',
    ]);
  });

  it('say that a run is being cancelled', () => {
    expect(shown(new RunLines().of(run({}, true), 61))).toEqual([
      'retail-prd-restore-20251109-143000  InProgress  1:01  cancelling',
    ]);
  });
});
