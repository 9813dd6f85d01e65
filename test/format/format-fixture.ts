import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { trustedKeySchema } from '@lcb/core';
import { z } from 'zod';
import { withClient } from '../fixtures/postgresql/connect.ts';
import type { PlacedEnvironment } from '../support/local-fixture.ts';
import { filesBelow } from '../support/repository.ts';

/** What an environment held when it was backed up, found out without the engine. */
const contentSchema = z.object({
  /** SHA-256 of each file of the library. */
  library: z.record(z.string(), z.string()),
  /** Rows of each table. */
  tables: z.record(z.string(), z.number()),
  /** SHA-256 of each large object. */
  largeObjects: z.array(z.string()),
});
export type Content = z.infer<typeof contentSchema>;

/** A backup location as a version of this product wrote it, and what its backups have to restore to. */
export const formatFixtureSchema = z.object({
  keys: z.array(trustedKeySchema),
  backups: z.array(z.object({ backupId: z.string(), content: contentSchema })),
  /** Every file of the location by its path, in base64. */
  files: z.record(z.string(), z.base64()),
});
export type FormatFixture = z.infer<typeof formatFixtureSchema>;

export async function contentOf(
  { databaseUrl, libraryFolder }: PlacedEnvironment,
  schema: string,
): Promise<Content> {
  const library: Content['library'] = {};
  for (const file of await filesBelow(libraryFolder))
    library[file] = sha256(await readFile(join(libraryFolder, file)));
  const rest = await withClient(databaseUrl, async (client) => {
    const tables: Content['tables'] = {};
    const { rows } = await client.query<{ tablename: string }>(
      'SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename',
      [schema],
    );
    for (const { tablename } of rows) {
      const name = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(tablename)}`;
      const counted = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${name}`);
      tables[tablename] = counted.rows[0]?.n ?? -1;
    }
    const objects = await client.query<{ bytes: Buffer }>(
      'SELECT lo_get(oid) AS bytes FROM pg_largeobject_metadata',
    );
    return { tables, largeObjects: objects.rows.map(({ bytes }) => sha256(bytes)).sort() };
  });
  return { library, ...rest };
}

export async function packed(folder: string): Promise<FormatFixture['files']> {
  const files: FormatFixture['files'] = {};
  for (const path of await filesBelow(folder))
    files[path] = (await readFile(join(folder, path))).toString('base64');
  return files;
}

export async function unpack(files: FormatFixture['files'], folder: string): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), Buffer.from(content, 'base64'));
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
