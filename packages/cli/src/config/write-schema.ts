/** Writes docs/lcb.schema.json, which editors read: `node packages/cli/src/config/write-schema.ts`. */
import { writeFile } from 'node:fs/promises';
import { schemaFile } from './schema-file.ts';
import { schemaText } from './schema-text.ts';

await writeFile(schemaFile, schemaText());
