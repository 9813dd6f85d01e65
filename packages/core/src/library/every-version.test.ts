import { expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { toArray } from '../testing/streams.ts';
import { everyTrace, everyVersion } from './every-version.ts';

/** A store that keeps versions and has some to show, whatever it says of them. */
async function storeSaying(versioning: ObjectStore['versioning']): Promise<ObjectStore> {
  const store = new MemoryStore({ versions: true });
  for (const text of ['1', '22']) for (const key of ['a', 'b']) await store.put(key, Buffer.from(text));
  await store.deleteMany([{ key: 'b' }]);
  if (versioning === undefined) Reflect.deleteProperty(store, 'versioning');
  return versioning === undefined ? store : Object.assign(store, { versioning });
}

const denied = new LcbError({ code: 'objectStore.denied', message: 'Not allowed.' });
const silent = new LcbError({ code: 'objectStore.unavailable', message: 'Not now.', retryable: true });

it.each<[string, ObjectStore['versioning']]>([
  ['enabled', async () => 'enabled'],
  ['suspended', async () => 'suspended'],
  ['denied', () => Promise.reject(denied)],
  ['silent', () => Promise.reject(silent)],
  ['no answer', undefined],
])('shows every version and every marker where there may be some: %s', async (_name, versioning) => {
  const store = await storeSaying(versioning);
  const versions = await toArray(everyVersion(store, ''));
  expect(versions.map(({ key, size }) => `${key} ${size}`)).toEqual(['a 2', 'a 1', 'b 2', 'b 1']);
  const traces = await toArray(everyTrace(store, ''));
  expect(traces.map(({ key }) => key)).toEqual(['a', 'a', 'b', 'b', 'b']);
  expect(new Set(traces.map(({ version }) => version)).size).toBe(5);
});

it('takes the plain listing of a store that never kept any', async () => {
  const store = await storeSaying(async () => 'never');
  expect((await toArray(everyVersion(store, ''))).map(({ key, size }) => `${key} ${size}`)).toEqual(['a 2']);
  expect((await toArray(everyTrace(store, ''))).map(({ key }) => key)).toEqual(['a']);
});
