import type { ObjectDescription, ObjectInfo } from '../ports/object-store.ts';
import type { IndexRow } from '../repository/library-index.ts';

/** What an index row or a store says that an object is described with. */
export function descriptionOf({ contentType, metadata, tags }: IndexRow | ObjectInfo): ObjectDescription {
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(tags === undefined ? {} : { tags }),
  };
}

/**
 * Does the index know it? Of what a server copied by itself it does not: the description went with the copy, and is where the copy is.
 * Where it does, it counts, whatever the copy carries by then.
 */
export function isDescribed(row: IndexRow): boolean {
  return row.contentType !== undefined || row.metadata !== undefined || row.tags !== undefined;
}
