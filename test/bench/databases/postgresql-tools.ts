import { dirname, join } from 'node:path';
import type { ClientTools } from '@lcb/embedded-postgres';
import { connectionOf } from '../database.ts';
import { runScript } from '../measurement/run-script.ts';
import type { PlainTools } from './plain-tools.ts';

/** `pg_dump` and `pg_restore` of the service's own version. */
export async function postgresqlTools(databaseUrl: string, tools: ClientTools): Promise<PlainTools> {
  const env = {
    ...connectionOf(databaseUrl),
    PG_DUMP: tools.pgDump,
    PG_RESTORE: join(dirname(tools.pgDump), 'pg_restore'),
  };
  const compression = (await compressesWithZstd(env)) ? 'zstd:3' : '1';
  const sort = compression === '1' ? ' (gzip)' : '';
  // The service's store and the other tools leave it to the machine when what they write comes to a disk.
  const folderDump = `"$PG_DUMP" -Fd -j2 -Z ${compression} --no-sync -f "$TO"`;
  return {
    dumps: [
      { name: 'pg_dump to gzip', programs: ['gzip'], env, script: '"$PG_DUMP" | gzip > "$TO"' },
      {
        name: 'pg_dump to zstd -3 -T0',
        programs: ['zstd'],
        env,
        script: '"$PG_DUMP" | zstd -3 -T0 -q > "$TO"',
      },
      {
        name: `pg_dump -Fd -j2 -Z ${compression} --no-sync${sort}`,
        programs: [],
        env,
        script: folderDump,
      },
    ],
    loads: [
      {
        name: 'pg_restore -j2',
        programs: [env.PG_RESTORE],
        env,
        prepare: folderDump,
        script: '"$PG_RESTORE" -j2 --exit-on-error -d "$PGDATABASE" "$DUMP"',
      },
    ],
    targetVariables: connectionOf,
  };
}

/** As `pg_dump` 16 and newer do where they were built with it. */
async function compressesWithZstd(env: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    await runScript('"$PG_DUMP" --schema-only -Fc -Z zstd:3 2> /dev/null', env);
    return true;
  } catch {
    return false;
  }
}
