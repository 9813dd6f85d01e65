import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** The schema of lcb.yaml for editors: JSON Schema, draft 2020-12, of the file as a person writes it. */
export function publishedSchema() {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input' });
  return { $schema, title: 'lcb.yaml', ...rest };
}

/** The same, to be walked through. */
export function configJsonSchema(): JsonSchema {
  return jsonSchemaNode.parse(publishedSchema());
}

/** The parts of JSON Schema that errors look into for the names and the descriptions of fields. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly additionalProperties?: boolean | JsonSchema | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
}

const jsonSchemaNode: z.ZodType<JsonSchema> = z.looseObject({
  description: z.string().optional(),
  get properties() {
    return z.record(z.string(), jsonSchemaNode).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), jsonSchemaNode]).optional();
  },
  get anyOf() {
    return z.array(jsonSchemaNode).optional();
  },
});

/** The schema of what lies under a path of the file, or `undefined` where nothing may be. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return schema;
  for (const branch of schema.anyOf ?? [schema]) {
    const more = branch.additionalProperties;
    const next = branch.properties?.[String(first)] ?? (typeof more === 'object' ? more : undefined);
    if (next !== undefined) return schemaAt(next, rest);
  }
  return undefined;
}

/** Names of the fields that an object of this schema may have. */
export function fieldsOf(schema: JsonSchema | undefined): readonly string[] {
  for (const branch of schema?.anyOf ?? [schema]) {
    if (branch?.properties !== undefined) return Object.keys(branch.properties);
  }
  return [];
}
