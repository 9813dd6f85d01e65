import type { ObjectStore } from '@lcb/core';
import { afterAll, beforeAll, describe } from 'vitest';
import { deletionContract } from './object-store/deletion.ts';
import { keyContract } from './object-store/keys.ts';
import { listingContract } from './object-store/listing.ts';
import { readingContract } from './object-store/reading.ts';
import { writingContract } from './object-store/writing.ts';

/** A store that is empty, and what removes it again. */
export interface OpenStore {
  readonly store: ObjectStore;
  readonly cleanup: () => Promise<void>;
}

/**
 * What every `ObjectStore` promises, shown on a real one. Each case works under a prefix of its own, so one store serves
 * the whole suite. `open` is called once.
 */
export function describeObjectStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} as an object store`, () => {
    let opened: OpenStore | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.cleanup());

    const store = (): ObjectStore => {
      if (opened === undefined) throw new Error('The store is open only while tests run.');
      return opened.store;
    };
    keyContract(store);
    writingContract(store);
    readingContract(store);
    listingContract(store);
    deletionContract(store);
  });
}
