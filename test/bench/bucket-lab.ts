import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { LocalSettings } from '@lcb/functions-local';
import { movedTo, storesOf } from '../support/bucket-fixture.ts';
import { localFixture, type PlacedEnvironment } from '../support/local-fixture.ts';
import { s5cmdProgram } from '../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const buckets = ['library', 'backups', 'mirror-s5cmd', 'mirror-rclone'] as const;
export type BenchBucket = (typeof buckets)[number];

/** A library in a bucket, of a server that keeps everything in memory where the machine has a file system for that. */
export interface BucketLab extends AsyncDisposable {
  readonly source: PlacedEnvironment;
  readonly settings: LocalSettings;
  /** What the tools for buckets are told, in their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Empties a bucket. */
  clear(bucket: BenchBucket): Promise<void>;
  /** Writes every nth object anew. */
  change(every: number, round: number): Promise<void>;
}

export async function openBucketLab(objects: number, progress: (line: string) => void): Promise<BucketLab> {
  const fixture = await localFixture();
  const server = await startS3Server('versitygw', { parent: await memoryFolder(), keepAlive: true });
  try {
    for (const bucket of buckets) await server.createBucket(bucket);
    await fill(server, objects, 0, 1);
    return {
      source: movedTo(fixture.source, { library: 's3://library', backups: 's3://backups' }),
      settings: await fixture.settings({}, [...storesOf(server, 'library'), ...storesOf(server, 'backups')]),
      env: { ...toolEnv(server), S5CMD: await programOrNothing(s5cmdProgram, progress) },
      clear: (bucket) => clearBucket(server, bucket),
      change: (every, round) => fill(server, objects, round, every),
      async [Symbol.asyncDispose]() {
        await server.stop();
        await fixture.remove();
      },
    };
  } catch (error) {
    await server.stop();
    await fixture.remove();
    throw error;
  }
}

/** A file system in memory, where the machine has one. */
export async function memoryFolder(): Promise<string> {
  try {
    await access('/dev/shm');
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

export async function programOrNothing(
  find: () => Promise<string>,
  progress: (line: string) => void,
): Promise<string> {
  try {
    return await find();
  } catch (error) {
    progress(`without s5cmd: ${error instanceof Error ? error.message : String(error)}`);
    return '';
  }
}

/** What tools for buckets are told of a server; to rclone it is the remote `B`. */
export function toolEnv(server: S3Server): Record<string, string> {
  const { endpoint, accessKeyId, secretAccessKey } = server;
  return {
    ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
    // The server speaks plain HTTP; rclone can't start with a bundle of certificates that is meant for others.
    AWS_CA_BUNDLE: '',
    RCLONE_CONFIG: '/dev/null',
    ...rcloneRemote('B', server),
  };
}

export function rcloneRemote(
  name: string,
  { endpoint, accessKeyId, secretAccessKey }: S3Server,
): Record<string, string> {
  const settings = {
    TYPE: 's3',
    PROVIDER: 'Other',
    ENDPOINT: endpoint,
    ACCESS_KEY_ID: accessKeyId,
    SECRET_ACCESS_KEY: secretAccessKey,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([setting, value]) => [`RCLONE_CONFIG_${name}_${setting}`, value]),
  );
}

/** Keys as Liferay's, sizes from 4 to 64 KiB, bytes that do not repeat from object to object. */
async function fill({ client }: S3Server, objects: number, round: number, every: number): Promise<void> {
  let next = 0;
  const put = async () => {
    for (let number = next; number < objects; number = next) {
      next = number + every;
      const Key = `${20097 + (number % 3)}/${30_000 + (number % 17)}/${100 + number}/1.0`;
      const Body = Buffer.alloc(4096 + ((number * 7919) % 61_440), `${number} ${round} `);
      await client.send(new PutObjectCommand({ Bucket: 'library', Key, Body, ContentType: 'image/png' }));
    }
  };
  await Promise.all(Array.from({ length: 16 }, put));
}

export async function clearBucket({ client }: S3Server, Bucket: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    if (Contents.length === 0) return;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
}
