import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { LocalSettings } from '@lcb/functions-local';
import { movedTo, storesOf } from '../support/bucket-fixture.ts';
import { localFixture, type PlacedEnvironment } from '../support/local-fixture.ts';
import { s5cmdProgram } from '../support/s3-programs.ts';
import { startS3Server } from '../support/s3-server.ts';
import { clearBucket, memoryFolder, programOrNothing, rcloneRemote, toolEnv } from './bucket-lab.ts';

/** Where the backups of large objects go: another bucket of the server, a folder, another server. */
export const largeTargets = ['server', 'folder', 'otherServer'] as const;
export type LargeTarget = (typeof largeTargets)[number];

const largeObjectBytes = 100 * 2 ** 20;

/** A library of few, large objects, of a server that keeps everything in memory where the machine has a file system for that. */
export interface LargeLab extends AsyncDisposable {
  readonly objects: number;
  readonly settings: LocalSettings;
  readonly env: Readonly<Record<string, string>>;
  source(target: LargeTarget): PlacedEnvironment;
  /** Removes what backups and tools have written. */
  clear(): Promise<void>;
}

export async function openLargeLab(objects: number, progress: (line: string) => void): Promise<LargeLab> {
  const parent = await memoryFolder();
  const folder = await mkdtemp(join(parent, 'lcb-large-'));
  const fixture = await localFixture();
  const options = { parent, keepAlive: true };
  const [server, other] = await Promise.all([
    startS3Server('versitygw', options),
    startS3Server('versitygw', options),
  ]);
  const dispose = async () => {
    await Promise.all([server.stop(), other.stop()]);
    await fixture.remove();
    await rm(folder, { recursive: true, force: true });
  };
  const written = {
    server: ['backups', 'mirror'],
    other: ['far-backups', 'far-mirror'],
    folders: ['backups', 'mirror'].map((name) => join(folder, name)),
  };
  try {
    for (const bucket of ['library', ...written.server]) await server.createBucket(bucket);
    for (const bucket of written.other) await other.createBucket(bucket);
    for (let number = 0; number < objects; number += 1) {
      const Body = Buffer.alloc(largeObjectBytes, `${number} is the number of this object. `);
      await server.client.send(
        new PutObjectCommand({ Bucket: 'library', Key: `20097/30000/${100 + number}/1.0`, Body }),
      );
    }
    const places = {
      server: 's3://backups',
      folder: pathToFileURL(join(folder, 'backups')).href,
      otherServer: 's3://far-backups',
    };
    return {
      objects,
      settings: await fixture.settings({}, [
        ...storesOf(server, 'library'),
        ...storesOf(server, 'backups'),
        ...storesOf(other, 'far-backups'),
      ]),
      env: {
        ...toolEnv(server),
        ...rcloneRemote('F', other),
        FOLDER: join(folder, 'mirror'),
        S5CMD: await programOrNothing(s5cmdProgram, progress),
      },
      source: (target) => movedTo(fixture.source, { library: 's3://library', backups: places[target] }),
      async clear() {
        for (const bucket of written.server) await clearBucket(server, bucket);
        for (const bucket of written.other) await clearBucket(other, bucket);
        for (const path of written.folders) {
          await rm(path, { recursive: true, force: true });
          await mkdir(path);
        }
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
