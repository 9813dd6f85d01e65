import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentSchema } from '@lcb/core';
import type { LocalSettings } from '@lcb/functions-local';
import { movedTo, storesOf } from '../../support/bucket-fixture.ts';
import { type LocalFixture, localFixture, type PlacedEnvironment } from '../../support/local-fixture.ts';
import { type S3Server, startS3Server } from '../../support/s3-server.ts';
import { type Baseline, missing } from '../baselines.ts';
import { clearBucket, memoryFolder } from '../bucket-lab.ts';
import { runScript } from '../measurement/run-script.ts';
import type { PlainLoad } from './plain-tools.ts';
import type { MeasuredServer } from './servers.ts';

/** A database of which one table is nearly all, on a server of its own; its backups go to a bucket. */
export interface DatabaseLab extends AsyncDisposable {
  readonly name: MeasuredServer['name'];
  readonly source: PlacedEnvironment;
  readonly settings: LocalSettings;
  /** The tools that are on this machine. */
  readonly dumps: readonly Baseline[];
  /** With what they load. */
  readonly loads: readonly Baseline[];
  /** Removes all backups. */
  clear(): Promise<void>;
  /** Runs with a new environment to restore into, and removes what came into it. */
  withTarget<T>(name: string, use: (target: PlacedEnvironment) => Promise<T>): Promise<T>;
  /** Runs with a new, empty database, of which the tools are told by variables, and drops it afterwards. */
  withDatabase<T>(name: string, use: (env: Readonly<Record<string, string>>) => Promise<T>): Promise<T>;
  /** Runs with a path where nothing is yet, and removes what came there. */
  withPath<T>(name: string, use: (path: string) => Promise<T>): Promise<T>;
}

const bucket = 'backups';
const workers = 2;

export async function openDatabaseLab(
  server: MeasuredServer,
  bytes: number,
  progress: (line: string) => void,
): Promise<DatabaseLab> {
  const fixture = await localFixture(undefined, { database: server.kind, serverSettings: server.settings });
  const store = await startS3Server('versitygw', { parent: await memoryFolder(), keepAlive: true });
  const dispose = async () => {
    await store.stop();
    await fixture.remove();
  };
  try {
    await store.createBucket(bucket);
    return { ...(await labOf({ server, bytes, progress, fixture, store })), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function labOf({
  server,
  bytes,
  progress,
  fixture,
  store,
}: {
  readonly server: MeasuredServer;
  readonly bytes: number;
  readonly progress: (line: string) => void;
  readonly fixture: LocalFixture;
  readonly store: S3Server;
}): Promise<Omit<DatabaseLab, typeof Symbol.asyncDispose>> {
  const { folder } = fixture;
  const serverUrl = fixture.source.databaseUrl;
  const source = placed(fixture, 'articles');
  await mkdir(source.libraryFolder);
  await server.fill(await server.create(serverUrl, 'articles'), bytes);
  const tools = await server.tools(source.databaseUrl);
  return {
    name: server.name,
    source,
    settings: await fixture.settings({}, storesOf(store, bucket)),
    dumps: await available(tools.dumps, progress),
    loads: await prepared(await available(tools.loads, progress), folder),
    clear: () => clearBucket(store, bucket),
    async withTarget(name, use) {
      const target = placed(fixture, name);
      try {
        return await use(target);
      } finally {
        await server.drop(target.databaseUrl);
        await rm(target.libraryFolder, { recursive: true, force: true });
      }
    },
    async withDatabase(name, use) {
      const url = await server.create(serverUrl, name);
      try {
        return await use(tools.targetVariables(url));
      } finally {
        await server.drop(url);
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
  };
}

/** As a user would write it into `lcb.yaml`. */
function placed(fixture: LocalFixture, name: string): PlacedEnvironment {
  const place = movedTo(fixture.newEnvironment(name), { backups: `s3://${bucket}` });
  const { environment } = place;
  const database = { ...environment.database, workers };
  return { ...place, environment: environmentSchema.parse({ ...environment, database }) };
}

/** Says which tools are not on this machine. */
async function available<T extends Baseline>(
  tools: readonly T[],
  progress: (line: string) => void,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (const tool of tools) {
    const lacking = await missing(tool.programs);
    if (lacking.length === 0) found.push(tool);
    else progress(`without ${tool.name}: there is no ${lacking.join(', no ')} on the PATH`);
  }
  return found;
}

/** Makes what the tools load. */
async function prepared(loads: readonly PlainLoad[], folder: string): Promise<readonly Baseline[]> {
  const ready: Baseline[] = [];
  for (const [index, { prepare, env, ...load }] of loads.entries()) {
    const dump = join(folder, `prepared-dump-${index}`);
    await runScript(prepare, { ...env, TO: dump });
    ready.push({ ...load, env: { ...env, DUMP: dump } });
  }
  return ready;
}
