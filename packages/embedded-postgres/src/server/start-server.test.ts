import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverBinaries } from '../binaries/server-binaries.ts';
import { runsAsRoot, serverAccount } from '../support/os-account.ts';
import { isPostgres } from '../support/processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { serverFolder } from '../testing.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { stopServer } from './running-server.ts';
import { startServer } from './start-server.ts';

const binaries = await serverBinaries();
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await serverFolder();
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  await stopServer(dataDir, 'immediate');
  await rm(folder, { recursive: true, force: true });
});

const start = () => startServer({ dataDir, binaries, durability: 'throwaway' });

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

/** Starts the server from a process of its own, which prints the port and then runs `andThen`. */
function startFromChild(andThen = ''): ChildProcess {
  const module = JSON.stringify(join(import.meta.dirname, '..', 'index.ts'));
  const script = `
    const { startServer, serverBinaries } = await import(${module});
    const binaries = await serverBinaries();
    const server = await startServer({ dataDir: ${JSON.stringify(dataDir)}, binaries, durability: 'throwaway' });
    process.stdout.write(String(server.port), () => { ${andThen} });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function portFrom(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error('The child has no standard output.');
  return Number(await text(child.stdout));
}

async function postmasterPid(): Promise<number> {
  const file = await readPostmasterFile(dataDir);
  if (!file) throw new Error(`There is no postmaster.pid in ${dataDir}.`);
  return file.pid;
}

async function crash(): Promise<number> {
  const pid = await postmasterPid();
  process.kill(pid, 'SIGKILL');
  await waitUntil(10_000, async () => !(await isPostgres(pid)));
  return pid;
}

describe('startServer', () => {
  it('gives a UTF-8 server on 127.0.0.1 that wants a password nobody else can read', async () => {
    const server = await start();

    expect(await query(server.url, 'show server_encoding')).toEqual(['UTF8']);
    expect(await query(server.url, 'show listen_addresses')).toEqual(['127.0.0.1']);
    expect(server.major).toBe(18);
    await expect(
      query(`postgres://postgres:wrong@127.0.0.1:${server.port}/postgres`, 'select 1'),
    ).rejects.toThrow('password authentication failed');
    expect((await stat(join(dataDir, 'superuser-password'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['data']);
  });

  it('takes over the server that runs, and starts it again once it was stopped', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');

    expect((await start()).port).toBe(first.port);
    await first.stop();
    await first.stop();
    expect(await query((await start()).url, 'select answer from kept')).toEqual([42]);
  });

  it('gives two processes that start it at the same time the same server', async () => {
    const ports = await Promise.all([startFromChild(), startFromChild()].map(portFrom));

    expect(ports[0]).toBeGreaterThan(0);
    expect(ports).toEqual([ports[0], ports[0]]);
    expect((await start()).port).toBe(ports[0]);
    expect(await readdir(folder)).toEqual(['data']);
  });

  it('lives on when the process that started it is killed', async () => {
    const child = startFromChild(`process.kill(process.pid, 'SIGKILL')`);
    const [port] = await Promise.all([portFrom(child), once(child, 'exit')]);

    expect(child.signalCode).toBe('SIGKILL');
    const server = await start();
    expect(server.port).toBe(port);
    expect(await query(server.url, 'select 1')).toEqual([1]);
  });

  it('recovers after a crash, also when another process has its number by now', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as answer');
    await crash();
    expect(await query((await start()).url, 'select answer from kept')).toEqual([42]);

    const pid = await crash();
    const account = await serverAccount(dataDir);
    const other = spawn('sleep', ['60'], { ...(account && { uid: account.uid, gid: account.gid }) });
    try {
      const file = join(dataDir, 'postmaster.pid');
      await writeFile(file, (await readFile(file, 'utf8')).replace(String(pid), String(other.pid)));
      expect(await query((await start()).url, 'select answer from kept')).toEqual([42]);
    } finally {
      other.kill();
    }
  });

  it('clears away what a killed initialisation left', async () => {
    const dead = spawn('true');
    await once(dead, 'exit');
    await mkdir(`${dataDir}.init-${dead.pid}-abcd/data`, { recursive: true });

    await start();
    expect(await readdir(folder)).toEqual(['data']);
  });

  it('refuses a folder with something else in it', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'letter.txt'), 'Dear all');

    await expect(start()).rejects.toThrow('is not empty and no data folder of PostgreSQL');
  });

  it('refuses the data folder of another major', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), '14\n');

    await expect(start()).rejects.toThrow('was made by PostgreSQL 14');
  });

  it('says what a wrong setting made the server say', async () => {
    const settings = { shared_buffers: 'plenty' };
    await expect(startServer({ dataDir, binaries, settings })).rejects.toThrow(
      'invalid value for parameter "shared_buffers"',
    );
  });

  it.runIf(runsAsRoot())('names the folder that the server is not let into, as root', async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    await chown(closed, 0, 0);

    const started = startServer({ dataDir: join(closed, 'data'), binaries });
    await expect(started).rejects.toThrow(`chmod a+x ${closed}`);
  });
});
