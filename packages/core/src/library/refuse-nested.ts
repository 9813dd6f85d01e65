import { InvalidRequestError } from '../errors/errors.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { LibraryLayout } from './layout.ts';
import { sampleLayout } from './sample-layout.ts';

/**
 * A location one or more folders above the library would be backed up with everything else that lies there, and no key
 * would be the one that the database means. Other layouts are backed up as they are; their certificate says so.
 * @returns how the library lies
 * @throws InvalidRequestError `library.nested` naming the right location
 */
export async function refuseNestedLibrary(library: ObjectStore): Promise<LibraryLayout> {
  const layout = await sampleLayout(library);
  if (layout.kind !== 'nested') return layout;
  throw new InvalidRequestError(
    `The library does not lie in ${library.location} itself, but below it: name ${library.location}/${layout.prefix.slice(0, -1)}.`,
    'library.nested',
  );
}
