import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areNested, databaseUrlProblem, locationProblem, locationUrl } from './values.ts';

describe('locations', () => {
  it.each([
    ['data/library', 'file:///srv/lcb/data/library'],
    ['./data/', 'file:///srv/lcb/data'],
    ['../backups', 'file:///srv/backups'],
    ['/mnt/a b#c', 'file:///mnt/a%20b%23c'],
    ['file:///mnt/a%20b/', 'file:///mnt/a%20b'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://my.bucket/a/b=c/', 's3://my.bucket/a/b=c'],
  ])('%s is %s', (given, url) => {
    expect(locationProblem(given)).toBeUndefined();
    expect(locationUrl(given, '/srv/lcb')).toBe(url);
  });

  it.each([
    '',
    '  ',
    '~/data',
    '/',
    'file:///',
    'file://./data',
    'file:./data',
    's3://',
    's3:bucket',
    's3://Bucket/prefix',
    's3://bucket/a//b',
    's3://bucket/../other',
    's3://bucket/a b',
    's3://bucket/100%',
    's3://key:secret@bucket/a',
    'gs://bucket/prefix',
    'file://host/data',
  ])('%j is refused', (given) => {
    expect(locationProblem(given)).toBeTypeOf('string');
  });

  it('lead back to the folder, whatever is in its name', () => {
    const segment = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[/\0]/.test(text));
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
        const path = `/srv/${segments.join('/')}`;
        fc.pre(locationProblem(path) === undefined);
        expect(fileURLToPath(locationUrl(path, '/elsewhere'))).toBe(resolve(path));
      }),
    );
  });

  it('know when one lies in the other', () => {
    expect(areNested('file:///srv/a', 'file:///srv/a/b')).toBe(true);
    expect(areNested('file:///srv/a', 'file:///srv/a')).toBe(true);
    expect(areNested('file:///srv/a', 'file:///srv/ab')).toBe(false);
  });
});

describe('databaseUrlProblem', () => {
  const problem = (url: string) => databaseUrlProblem('postgresql', url, 'must be one', 'in `secret`');

  it('lets a complete URL pass', () => {
    expect(problem('postgres://liferay@db.example:5432/lportal')).toBeUndefined();
    expect(problem('postgresql://db/lportal')).toBeUndefined();
  });

  it.each(['nonsense', 'mysql://u@h/d', 'postgres://h', 'postgres://h/'])('refuses %s', (url) => {
    expect(problem(url)).toBe('must be one');
  });

  it('takes the URLs of MySQL and MariaDB for their own kind', () => {
    expect(databaseUrlProblem('mysql', 'mysql://u@h/d', 'must be one', '')).toBeUndefined();
    expect(databaseUrlProblem('mysql', 'mariadb://u@h/d', 'must be one', '')).toBeUndefined();
    expect(databaseUrlProblem('mysql', 'postgres://u@h/d', 'must be one', '')).toBe('must be one');
  });

  it('refuses a password without repeating it', () => {
    expect(problem('postgres://u:hunter2@h/d')).toBe(
      'carries a password; take it out, and name it in `secret`',
    );
  });
});
