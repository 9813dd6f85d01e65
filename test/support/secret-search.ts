import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Client } from 'pg';
import type { S3Server } from './s3-server.ts';

/** Secrets by what they are, and every place where one was seen. */
export class SecretSearch {
  readonly #needles: readonly (readonly [name: string, spelling: string])[];
  readonly found: string[] = [];
  /** Bytes looked at: a search that looked at nothing has found nothing. */
  bytes = 0;

  constructor(secrets: Readonly<Record<string, string>>) {
    this.#needles = Object.entries(secrets).flatMap(([name, secret]) =>
      spellings(secret).map((spelling) => [name, spelling] as const),
    );
  }

  look(where: string, bytes: Uint8Array | string): void {
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
    this.bytes += text.length;
    for (const [name, spelling] of this.#needles)
      if (text.includes(spelling)) this.found.push(`${name} in ${where}`);
  }

  /** What is compressed is looked at plain too. */
  lookInside(where: string, bytes: Uint8Array): void {
    this.look(where, bytes);
    if (where.endsWith('.zst')) this.look(`${where}, decompressed`, zstdDecompressSync(bytes));
  }

  async folder(path: string): Promise<void> {
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      this.look(`the name ${file}`, file);
      if (entry.isSymbolicLink()) this.look(file, await readlink(file));
      if (entry.isFile()) this.lookInside(file, await readFile(file));
    }
  }

  async bucket({ client }: S3Server, Bucket: string): Promise<void> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key = '' } of Contents) {
      const { Body, Metadata } = await client.send(new GetObjectCommand({ Bucket, Key }));
      this.lookInside(Key, (await Body?.transformToByteArray()) ?? new Uint8Array());
      this.look(`the metadata of ${Key}`, JSON.stringify(Metadata));
    }
  }

  /** Every row of every table, the engine's journal too. */
  async database(url: string): Promise<readonly string[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const { rows: tables } = await client.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
      );
      for (const { name } of tables) {
        const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
        for (const { row } of rows) this.look(`table ${name}`, row);
      }
      return tables.map(({ name }) => name);
    } finally {
      await client.end();
    }
  }

  /** Everybody can read command lines; an environment only its own user can. */
  async processes(): Promise<void> {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      try {
        this.look(`the command line of a process`, await readFile(`/proc/${pid}/cmdline`));
        const { uid } = await stat(`/proc/${pid}`);
        if (uid !== process.getuid?.())
          this.look(`the environment of user ${uid}'s process`, await readFile(`/proc/${pid}/environ`));
      } catch (error) {
        // It has ended meanwhile, or it is somebody's whose environment nobody else may read.
        if (
          !(
            error instanceof Error &&
            'code' in error &&
            ['ENOENT', 'ESRCH', 'EACCES'].includes(`${error.code}`)
          )
        )
          throw error;
      }
    }
  }
}

/** As it is, in a URL, in base64 at each of its three alignments, and in hexadecimal. */
function spellings(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'x'.repeat(shift)}${secret}`).toString('base64');
    // The first and last characters also hold bits of what stands beside it.
    return encoded.slice(shift === 0 ? 0 : 4, -4);
  });
  return [...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex'), ...base64])];
}
