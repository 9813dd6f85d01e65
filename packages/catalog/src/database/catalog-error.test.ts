import { LeaseLostError } from '@lcb/core';
import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';
import { catalogError } from './catalog-error.ts';

function serverError(code: string): DatabaseError {
  const error = new DatabaseError('it failed', 9, 'error');
  error.code = code;
  error.detail = 'Key (request_id)=(secret) exists.';
  return error;
}

describe('what a query threw', () => {
  it('stays an error of the family', () => {
    const error = new LeaseLostError('run', 1);
    expect(catalogError(error)).toBe(error);
  });

  it.each(['08006', '53300', '57P01', '40001', '40P01'])('may be tried again: %s', (code) => {
    expect(catalogError(serverError(code))).toMatchObject({ code: 'catalog.unavailable', retryable: true });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET'])('may be tried again: %s', (code) => {
    const error = Object.assign(new Error('connect'), { code });
    expect(catalogError(error)).toMatchObject({ code: 'catalog.unavailable', retryable: true, cause: error });
  });

  it.each(['42P01', '42501', '28P01', '3D000'])('needs somebody to set the catalog up: %s', (code) => {
    expect(catalogError(serverError(code))).toMatchObject({ code: 'catalog.notSetUp', retryable: false });
  });

  it('is never tried again unless it is known to help, and quotes no value', () => {
    const error = catalogError(serverError('23505'));
    expect(error).toMatchObject({ code: 'catalog.failed', retryable: false });
    expect(error.message).not.toContain('secret');
    expect(catalogError('thrown')).toMatchObject({ code: 'catalog.failed' });
  });
});
