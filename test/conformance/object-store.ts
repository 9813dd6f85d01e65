import type { ObjectStore } from '@lcb/core';
import { afterAll, beforeAll, describe } from 'vitest';
import { copyContract } from './object-store/copying.ts';
import { deletionContract } from './object-store/deletion.ts';
import { keyContract } from './object-store/keys.ts';
import { listingContract } from './object-store/listing.ts';
import { readingContract } from './object-store/reading.ts';
import { versionContract } from './object-store/versions.ts';
import { writingContract } from './object-store/writing.ts';

/** A store that is empty, and what removes it again. */
export interface OpenStore {
  readonly store: ObjectStore;
  /** Another one that this one's server can copy from, where there is one. */
  readonly neighbour?: ObjectStore;
  readonly cleanup: () => Promise<void>;
}

/** `folderRaces`: writing a key while its neighbours are deleted. `tagsOfParts`: tags of an object that was written in parts. */
export type Lack = 'folderRaces' | 'tagsOfParts';

export interface ConformanceOptions {
  /** Keys that the store could hold by its own rules, but not on this very server. They are left out. */
  readonly beyondServer?: (key: string) => boolean;
  /** What this very server does not do, although the store's contract has it: left out, and said in the server's own test. */
  readonly lacks?: readonly Lack[];
  /** Does a removal without a version only hide the object? */
  readonly keepsVersions?: boolean;
}

/**
 * What every `ObjectStore` promises, shown on a real one. Each case works under a prefix of its own, so one store serves
 * the whole suite. `open` is called once.
 */
export function describeObjectStore(
  name: string,
  open: () => Promise<OpenStore>,
  { beyondServer = () => false, keepsVersions = false, lacks = [] }: ConformanceOptions = {},
): void {
  describe(`${name} as an object store`, () => {
    let opened: OpenStore | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.cleanup());

    const running = (): OpenStore => {
      if (opened === undefined) throw new Error('The store is open only while tests run.');
      return opened;
    };
    const store = (): ObjectStore => running().store;
    keyContract(store, beyondServer);
    writingContract(store);
    readingContract(store);
    listingContract(store, beyondServer);
    deletionContract(store, lacks);
    versionContract(store, keepsVersions);
    copyContract(store, () => running().neighbour, lacks);
  });
}
