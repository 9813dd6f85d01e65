import type { ObjectDescription } from '../ports/object-store.ts';
import type { IndexRow } from '../repository/library-index.ts';

/** What the backup's index says that an object is described with, whatever its copy carries. */
export function descriptionOf({ contentType, metadata, tags }: IndexRow): ObjectDescription {
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(tags === undefined ? {} : { tags }),
  };
}
