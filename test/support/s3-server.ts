import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '@lcb/embedded-postgres/testing';
import { ministackProgram, motoProgram, versitygwProgram } from './s3-programs.ts';

/** A server that speaks S3 on a port of this machine, empty when it starts. */
export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For tests that look behind the store's back. */
  readonly client: S3Client;
  createBucket(name: string, options?: { readonly versions?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export type S3ServerKind = keyof typeof servers;

/** How long a server may take until it answers. */
const startMilliseconds = 60_000;

const accessKeyId = 'lcbtestaccess';
const secretAccessKey = 'lcbtestsecret';

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const servers = {
  /** Objects are files of this machine: every operation of S3, but a key has to fit a file system. */
  async versitygw(folder: string, port: number, keepAlive: boolean): Promise<Command> {
    const [data, versions] = [join(folder, 'data'), join(folder, 'versions')];
    await Promise.all([data, versions].map((path) => mkdir(path)));
    return {
      program: await versitygwProgram(),
      args: [
        '--port',
        `127.0.0.1:${port}`,
        '--quiet',
        ...(keepAlive ? ['--keep-alive'] : []),
        'posix',
        '--versioning-dir',
        versions,
        data,
      ],
      env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    };
  },
  /** Objects are in memory: any key. */
  async ministack(folder: string, port: number): Promise<Command> {
    return {
      program: await ministackProgram(),
      args: ['-m', 'ministack'],
      env: { BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), HOME: folder },
    };
  },
  /** Speaks S3, too, but is here for RDS: points in time, copies, clusters. */
  async moto(folder: string, port: number): Promise<Command> {
    return {
      program: await motoProgram(),
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      env: { HOME: folder },
    };
  },
};

export interface S3ServerOptions {
  /** The folder that its own, where it keeps everything, is made in. */
  readonly parent?: string;
  /** For benchmarks (versitygw): without it each connection serves one request, and every client looks alike. */
  readonly keepAlive?: boolean;
}

export async function startS3Server(
  kind: S3ServerKind,
  { parent = tmpdir(), keepAlive = false }: S3ServerOptions = {},
): Promise<S3Server> {
  const folder = await mkdtemp(join(parent, `lcb-${kind}-`));
  const port = await freePort();
  const { program, args, env } = await servers[kind](folder, port, keepAlive);
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000);
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const stop = async () => {
    client.destroy();
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilAnswers(endpoint, child, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint,
    accessKeyId,
    secretAccessKey,
    client,
    async createBucket(Bucket, { versions = false } = {}) {
      await client.send(new CreateBucketCommand({ Bucket }));
      if (!versions) return;
      await client.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      );
    },
    stop,
  };
}

async function untilAnswers(endpoint: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + startMilliseconds;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break;
    try {
      await fetch(endpoint);
      return;
    } catch {
      // Nobody listens yet.
      await pause(50);
    }
  }
  throw new Error(`${child.spawnfile} does not answer at ${endpoint}: ${output()}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}
