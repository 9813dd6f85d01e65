import { describe, expect, it } from 'vitest';
import { s3LocationProblem, settingsFor, storeSettingsSchema } from './store-settings.ts';

describe('settings of stores', () => {
  const stores = ['s3://acme', 's3://acme/library', 's3://acme/library/deep/', 's3://other'].map((location) =>
    storeSettingsSchema.parse({ location }),
  );

  it.each([
    ['s3://acme', 's3://acme'],
    ['s3://acme/backups', 's3://acme'],
    ['s3://acme/library', 's3://acme/library'],
    ['s3://acme/library-2', 's3://acme'],
    ['s3://acme/library/deep/er', 's3://acme/library/deep'],
    ['s3://acme-2', undefined],
    ['file:///acme', undefined],
  ])('of %s are those of the longest location that it lies in: %s', (location, expected) => {
    expect(settingsFor(stores, location)?.location).toBe(expected);
  });

  it('hold secrets by reference only, and nothing unknown', () => {
    expect(storeSettingsSchema.safeParse({ location: 's3://acme', secretAccessKey: 'hunter2' }).success).toBe(
      false,
    );
    expect(storeSettingsSchema.safeParse({ location: 's3://acme', acessKeyId: 'env:ID' }).success).toBe(
      false,
    );
  });
});

describe('a location in a bucket', () => {
  it.each(['s3://acme', 's3://acme/', 's3://a.b-c/d/e', "s3://acme/!-_.*'()=@,+:&$;~"])(
    'may be %s',
    (location) => {
      expect(s3LocationProblem(location)).toBeUndefined();
    },
  );

  it.each([
    's3://',
    's3://ab',
    's3://Acme',
    's3://acme/a//b',
    's3://acme/./b',
    's3://acme/../b',
    's3://acme/a?b',
    's3://acme/a#b',
    's3://acme/é',
    's3://acme\n/x',
    'http://acme',
  ])('may not be %j', (location) => {
    expect(s3LocationProblem(location)).toMatch(/^(must|has) /);
  });
});
