import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClientTools, chooseServerMajor } from '@lcb/embedded-postgres';
import type { LocalSettings } from '@lcb/functions-local';
import { createDatabase, type EnvironmentSpec, large } from '../fixtures/index.ts';
import { type LocalFixture, localFixture, type PlacedEnvironment } from '../support/local-fixture.ts';
import { connectionOf, dropDatabase } from './database.ts';
import { runScript } from './measurement/run-script.ts';
import type { BenchOptions } from './options.ts';

/** Everything that is measured with: a filled environment on a real server, in a folder that goes afterwards. */
export interface Lab extends AsyncDisposable {
  readonly spec: EnvironmentSpec;
  readonly source: PlacedEnvironment;
  readonly settings: LocalSettings;
  readonly tools: ClientTools;
  /** A plain dump of the database, for the tools that a load is compared with. */
  readonly plainDump: string;
  /** Runs with a new environment to restore into, and removes what came into it. */
  withTarget<T>(name: string, use: (target: PlacedEnvironment) => Promise<T>): Promise<T>;
  /** Runs with a new, empty database and drops it afterwards. */
  withDatabase<T>(name: string, use: (url: string) => Promise<T>): Promise<T>;
  /** Runs with a path where nothing is yet, and removes what came there. */
  withPath<T>(name: string, use: (path: string) => Promise<T>): Promise<T>;
}

export async function openLab({ objects, meanBytes, databaseBytes }: BenchOptions): Promise<Lab> {
  const spec = large(objects, { meanBytes, databaseBytes });
  const fixture = await localFixture(spec);
  try {
    return await labOf(fixture);
  } catch (error) {
    await fixture.remove();
    throw error;
  }
}

async function labOf(fixture: LocalFixture): Promise<Lab> {
  const { folder, source, spec } = fixture;
  const { tools } = await chooseServerMajor();
  const settings = await fixture.settings();
  await mkdir(settings.stateDirectory, { recursive: true });
  const plainDump = join(folder, 'plain-dump.sql');
  const env = { ...connectionOf(source.databaseUrl), PG_DUMP: tools.pgDump, DUMP: plainDump };
  await runScript('"$PG_DUMP" --no-owner --no-privileges > "$DUMP"', env);

  return {
    spec,
    source,
    settings,
    tools,
    plainDump,
    async withTarget(name, use) {
      const target = fixture.newEnvironment(name);
      try {
        return await use(target);
      } finally {
        await dropDatabase(target.databaseUrl);
        await rm(target.libraryFolder, { recursive: true, force: true });
      }
    },
    async withDatabase(name, use) {
      const url = await createDatabase(source.databaseUrl, name);
      try {
        return await use(url);
      } finally {
        await dropDatabase(url);
      }
    },
    async withPath(name, use) {
      const path = join(folder, name);
      try {
        return await use(path);
      } finally {
        await rm(path, { recursive: true, force: true });
      }
    },
    [Symbol.asyncDispose]: () => fixture.remove(),
  };
}
