import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  backupPrefix,
  type DumpPart,
  databaseDumpSchema,
  environmentRef,
  manifestKey,
  openManifest,
  readJsonArtefact,
  signDocument,
} from '@lcb/core';
import type { LocalProvider } from '@lcb/functions-local';
import type { PlacedEnvironment } from './local-fixture.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * Seals a backup once more with another dump in it, and nothing else changed: every hash and the signature are right, and
 * only who loads it can find out. A catalog that knows the backup takes it for replaced.
 */
export async function forgeDump(
  local: LocalProvider,
  { environment }: PlacedEnvironment,
  backupId: string,
  change: (sql: string) => string,
): Promise<void> {
  const { provider, signer, clock, trustedKeys } = local;
  const store = provider.objectStore(environment.backups.location);
  const ref = environmentRef(environment);
  const prefix = backupPrefix(ref, backupId);
  const replace = async (key: string, bytes: Buffer) => {
    await store.deleteMany([{ key }]);
    await store.put(key, bytes);
  };
  const read = async (key: string) => Buffer.concat(await (await store.get(key)).body.toArray());

  const { value: manifest } = await openManifest(store, ref, backupId, await trustedKeys());
  const { database } = manifest.units;
  if (database === undefined) throw new Error(`${backupId} has no database.`);
  const dump = await readJsonArtefact(store, prefix, database.description, databaseDumpSchema);
  const parts: DumpPart[] = [];
  let changes = 0;
  for (const part of dump.parts) {
    const sql = zstdDecompressSync(await read(prefix + part.path)).toString('latin1');
    const changed = change(sql);
    if (changed !== sql) changes += 1;
    const plain = Buffer.from(changed, 'latin1');
    const stored = zstdCompressSync(plain);
    await replace(prefix + part.path, stored);
    parts.push({
      ...part,
      bytes: stored.length,
      sha256: sha256(stored),
      uncompressedBytes: plain.length,
      uncompressedSha256: sha256(plain),
    });
  }
  if (changes !== 1) throw new Error(`The dump was changed in ${changes} parts.`);
  const description = Buffer.from(JSON.stringify({ ...dump, parts }));
  await replace(prefix + database.description.path, description);
  const artefact = { ...database.description, bytes: description.length, sha256: sha256(description) };
  const forged = {
    ...manifest,
    units: { ...manifest.units, database: { ...database, description: artefact } },
  };
  await replace(
    manifestKey(ref, backupId),
    Buffer.from(await signDocument(signer, clock, 'lcb-manifest', forged)),
  );
}

/** The dump with the rows of one table of PostgreSQL changed. */
export function withRows(sql: string, table: string, change: (rows: string[]) => string[]): string {
  const block = new RegExp(`(COPY \\S*\\b${table} \\([^)]*\\) FROM stdin;\\n)([^]*?)(\\n\\\\\\.\\n)`, 'i');
  return sql.replace(
    block,
    (_, head: string, rows: string, end: string) => head + change(rows.split('\n')).join('\n') + end,
  );
}
