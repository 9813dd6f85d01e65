import { describe, expect, it } from 'vitest';
import { refuseNesting } from './refuse-nesting.ts';

describe('locations inside one another', () => {
  it.each([
    ['s3://acme', 's3://acme/library'],
    ['s3://acme/library', 's3://acme/library'],
    ['s3://acme/library/deep', 's3://acme/library'],
    ['file:///srv/a', 'file:///srv/a/b'],
    ['file:///srv/a%20b', 'file:///srv//a b/c'],
  ])('%s and %s are refused', (one, other) => {
    expect(() => refuseNesting('They', one, other)).toThrow('inside one another');
  });

  it.each([
    ['s3://acme', 's3://acme-2'],
    ['s3://acme/library', 's3://acme/library-2'],
    ['s3://acme/library', 's3://acme/backups'],
    ['s3://srv/a', 'file:///srv/a'],
  ])('%s and %s are not', (one, other) => {
    expect(() => refuseNesting('They', one, other)).not.toThrow();
  });
});
