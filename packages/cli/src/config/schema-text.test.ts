import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schemaFile } from './schema-file.ts';
import { schemaText } from './schema-text.ts';

it('is what docs/lcb.schema.json says; renew it with `pnpm --filter @lcb/cli schema`', () => {
  expect(readFileSync(schemaFile, 'utf8')).toBe(schemaText());
});
