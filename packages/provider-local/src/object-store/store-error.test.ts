import { LcbError } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { asStoreError, storeError } from './store-error.ts';

describe('errors of the file system', () => {
  it.each([
    ['ENOSPC', 'objectStore.full', false],
    ['EDQUOT', 'objectStore.full', false],
    ['EACCES', 'objectStore.denied', false],
    ['EROFS', 'objectStore.denied', false],
    ['EMFILE', 'objectStore.unavailable', true],
    ['ESTALE', 'objectStore.unavailable', true],
    ['EIO', 'objectStore.failed', false],
    ['EWHATEVER', 'objectStore.failed', false],
  ])('%s becomes %s', (system, code, retryable) => {
    const cause = Object.assign(new Error('system'), { code: system, syscall: 'write' });
    expect(storeError('file:///b', 'k', cause)).toMatchObject({ code, retryable, cause });
    expect(storeError('file:///b', 'k', cause)).toBeInstanceOf(LcbError);
  });

  it('leaves every other error as it is', async () => {
    const foreign = Object.assign(new Error('of a library'), { code: 'E_LIBRARY' });
    await expect(asStoreError('file:///b', 'k', () => Promise.reject(foreign))).rejects.toBe(foreign);
  });
});
