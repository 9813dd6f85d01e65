import { describe, expect, it } from 'vitest';
import { assertVersionsFit } from './fitting-versions.ts';

/** Server and `pg_dump` of the backup, server of the target, psql. */
type Versions = readonly [dumpServer: string, dumpTool: string, targetServer: string, psql: string];

function check([dumpServer, dumpTool, targetServer, psql]: Versions): void {
  assertVersionsFit({
    dumpServer,
    dumpTool: `pg_dump (PostgreSQL) ${dumpTool} (Debian)`,
    targetServer,
    tools: { version: psql, major: Number.parseInt(psql, 10), pgDump: '/bin/pg_dump', psql: '/bin/psql' },
  });
}

const fitting: { readonly versions: Versions }[] = [
  { versions: ['15.18', '15.18', '15.3', '15.18'] },
  { versions: ['13.1', '15.18', '16.1', '17.6'] },
  { versions: ['15.18', '17.6', '17.0', '18.0'] },
  { versions: ['14.2', '14.2', '14.2', '14.5'] },
];

const refused: { readonly why: string; readonly versions: Versions; readonly code: string }[] = [
  { why: 'an older server', versions: ['16.1', '16.1', '15.18', '16.1'], code: 'database.serverTooOld' },
  { why: 'transaction_timeout', versions: ['15.18', '17.6', '15.18', '17.6'], code: 'database.serverTooOld' },
  { why: 'an older psql', versions: ['13.1', '16.1', '16.1', '15.1'], code: 'database.toolTooOld' },
  {
    why: 'a psql without \\restrict',
    versions: ['15.1', '15.18', '15.1', '15.13'],
    code: 'database.toolTooOld',
  },
];

describe('versions of a dump, its target and the tools', () => {
  it.each(fitting)('$versions fit', ({ versions }) => {
    expect(() => check(versions)).not.toThrow();
  });

  it.each(refused)('refuses $why', ({ versions, code }) => {
    expect(() => check(versions)).toThrow(expect.objectContaining({ code, retryable: false }));
  });
});
