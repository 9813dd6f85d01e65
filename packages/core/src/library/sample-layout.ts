import type { ObjectStore } from '../ports/object-store.ts';
import { LayoutTally, type LibraryLayout } from './layout.ts';

/** Folders at the top that are looked into, and keys that are looked at in each. */
const folders = 20;
const keysOfEach = 50;

/** Says from a few hundred keys how a library lies in its store: a look before anything is done, never a proof. */
export async function sampleLayout(store: ObjectStore): Promise<LibraryLayout> {
  const tally = new LayoutTally();
  let startAfter: string | undefined;
  for (let folder = 0; folder < folders; folder += 1) {
    const top = await lookInto(store, tally, startAfter);
    if (top === undefined) break;
    // The character after the slash: everything of this folder lies before it.
    startAfter = `${top}0`;
  }
  return tally.layout;
}

/** Looks at the first keys of the next folder; answers which it was. */
async function lookInto(
  store: ObjectStore,
  tally: LayoutTally,
  startAfter: string | undefined,
): Promise<string | undefined> {
  let top: string | undefined;
  let looked = 0;
  for await (const { key } of store.list({
    atMost: keysOfEach,
    ...(startAfter === undefined ? {} : { startAfter }),
  })) {
    const folder = key.split('/', 1)[0] ?? key;
    if (top !== undefined && folder !== top) break;
    top = folder;
    tally.add(key);
    looked += 1;
    if (looked === keysOfEach) break;
  }
  return top;
}
