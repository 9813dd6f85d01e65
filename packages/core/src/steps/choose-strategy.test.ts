import { describe, expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import type { BackupRequest } from '../model/run.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { backupRun } from '../testing/backup-run.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { stubProvider } from '../testing/stub-provider.ts';
import { chooseStrategy } from './choose-strategy.ts';

const denied = new LcbError({ code: 'objectStore.denied', message: 'Nobody may ask.' });
const unavailable = new LcbError({ code: 'objectStore.unavailable', message: 'Busy.', retryable: true });

/** A library with one object and a marker before it. */
async function versioned(changes: Partial<ObjectStore> = {}): Promise<ObjectStore> {
  const store = new MemoryStore({ location: 's3://library', versions: true });
  await store.put('a', Buffer.from('a'));
  await store.deleteMany([{ key: 'a' }]);
  await store.put('b', Buffer.from('b'));
  return Object.assign(store, changes);
}

function choose(library: ObjectStore, changes: Partial<BackupRequest> = {}) {
  const { request } = backupRun();
  return chooseStrategy(
    { ...request, consistency: 'automatic', ...changes },
    { provider: stubProvider({ objectStore: () => library }) },
  );
}

describe('the strategy of a backup', () => {
  it('is the exact moment where the library keeps versions', async () => {
    expect(await choose(await versioned())).toEqual({ strategy: 'exact' });
    expect(await choose(await versioned(), { consistency: 'exact' })).toEqual({ strategy: 'exact' });
  });

  it('is what was asked for', async () => {
    expect(await choose(await versioned(), { consistency: 'databaseFirst' })).toEqual({
      strategy: 'databaseFirst',
    });
  });

  it('is the database first, without a word, where there is nothing to fit', async () => {
    expect(await choose(await versioned(), { units: ['documentLibrary'] })).toEqual({
      strategy: 'databaseFirst',
    });
  });

  it.each([
    [
      'a store without versions',
      async () => new MemoryStore({ location: 's3://library' }),
      /earlier versions/,
    ],
    [
      'a bucket that keeps none',
      () => versioned({ versioning: async () => 'never' }),
      /Switch versioning on/,
    ],
    ['a bucket that keeps no new ones', () => versioned({ versioning: async () => 'suspended' }), /Switch/],
    ['no right to ask', () => versioned({ versioning: () => Promise.reject(denied) }), /Nobody may ask/],
    ['no clock', () => versioned({ now: () => Promise.reject(denied) }), /Nobody may ask/],
    ['no right to read a version', () => versioned({ head: () => Promise.reject(denied) }), /Nobody may ask/],
  ])('is the database first, and says why: %s', async (_name, library, why) => {
    expect(await choose(await library())).toEqual({
      strategy: 'databaseFirst',
      whyNotExact: expect.stringMatching(why),
    });
    await expect(choose(await library(), { consistency: 'exact' })).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringMatching(why),
    });
  });

  it('does without the moment where a server fails to answer, and asks again only if it was asked for', async () => {
    const library = await versioned({ versioning: () => Promise.reject(unavailable) });
    expect(await choose(library)).toMatchObject({ strategy: 'databaseFirst', whyNotExact: 'Busy.' });
    await expect(choose(library, { consistency: 'exact' })).rejects.toBe(unavailable);
  });
});
