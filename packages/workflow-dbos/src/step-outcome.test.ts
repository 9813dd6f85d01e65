import { LcbError } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { outcomeOf, unwrap } from './step-outcome.ts';

describe('what the journal keeps of a step', () => {
  it('gives a value back as it was, through JSON', async () => {
    const recorded = JSON.parse(JSON.stringify(await outcomeOf(async () => ({ shards: 3, base: null }))));
    expect(unwrap(recorded)).toEqual({ shards: 3, base: null });
  });

  it('gives an error back with its code and its word on retrying', async () => {
    const thrown = new LcbError({ code: 'objectStore.throttled', message: 'Slow down.', retryable: true });
    const recorded = JSON.parse(JSON.stringify(await outcomeOf(() => Promise.reject(thrown))));
    expect(() => unwrap(recorded)).toThrow(
      expect.objectContaining({ code: 'objectStore.throttled', message: 'Slow down.', retryable: true }),
    );
  });

  it('does not believe a journal that holds anything else', () => {
    expect(() => unwrap({ ok: 'yes', value: 1 })).toThrow();
  });
});
