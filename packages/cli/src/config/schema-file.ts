import { join } from 'node:path';

/** Where the schema is published in the repository. */
export const schemaFile = join(import.meta.dirname, '../../../../docs/lcb.schema.json');
