import { publishedSchema } from './json-schema.ts';

/** The schema as it is published: `lcb config schema`, docs/lcb.schema.json. */
export function schemaText(): string {
  return `${JSON.stringify(publishedSchema(), undefined, 2)}\n`;
}
