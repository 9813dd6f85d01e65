import { requireCapability, UnsupportedError } from '@lcb/core';
import { expect, it } from 'vitest';
import { localCapabilities } from './capabilities.ts';

it('refuses snapshots and points in time with what to use instead', () => {
  expect(() => requireCapability(localCapabilities, 'databaseDump')).not.toThrow();
  for (const name of ['databaseSnapshot', 'databasePointInTime'] as const) {
    expect(() => requireCapability(localCapabilities, name)).toThrow(UnsupportedError);
    expect(() => requireCapability(localCapabilities, name)).toThrow(/dump|backup that lies nearest/);
  }
});
