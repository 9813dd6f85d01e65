import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openSearchLibraries } from './libraries.ts';

const main = fileURLToPath(new URL('OpenSearchNode.java', import.meta.url));

/** A real OpenSearch on loopback, with a data folder that outlives its process. */
export interface OpenSearchServer {
  readonly url: string;
  /** A folder that it accepts as the place of an `fs` repository. */
  readonly snapshots: string;
  /** One request of its REST API; the parsed answer. @throws Error when it is no success */
  request(method: string, path: string, body?: unknown): Promise<unknown>;
  /** With -9, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

export async function openSearchServer(): Promise<OpenSearchServer> {
  const libraries = await openSearchLibraries();
  const folder = await mkdtemp(join(tmpdir(), 'lcb-opensearch-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const args = ['-Xmx512m', '-cp', `${libraries}/*`, main, folder, String(port)];
    const node = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = node;
    const lines: string[] = [];
    const started = new Promise<void>((resolve, reject) => {
      for (const input of [node.stdout, node.stderr]) {
        createInterface({ input }).on('line', (line) => {
          lines.push(line);
          if (/GatewayService.*recovered \[/.test(line)) resolve();
        });
      }
      node.once('exit', () => reject(new Error(`OpenSearch ended:\n${lines.slice(-20).join('\n')}`)));
    });
    await started;
  }
  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  await start();
  return {
    url,
    snapshots: join(folder, 'snapshots'),
    async request(method, path, body) {
      const response = await fetch(url + path, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered with ${response.status}: ${text}`);
      return JSON.parse(text);
    },
    kill,
    start,
    async remove() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  server.close();
  await once(server, 'close');
  return port;
}
