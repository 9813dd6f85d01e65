import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FoundTools, toolsInFolder } from './client-tools.ts';
import { bestFit, findClientTools } from './find-client-tools.ts';
import { toolsFor } from './tools-for.ts';

function found(version: string, folder: string, isWrapper = false): FoundTools {
  const major = Number.parseInt(version, 10);
  return { major, version, pgDump: `${folder}/pg_dump`, psql: `${folder}/psql`, isWrapper };
}

describe('bestFit', () => {
  const wrapper = found('16.1', '/usr/bin', true);
  const tools = [wrapper, found('18.0', '/a'), found('16.1', '/b'), found('14.9', '/c'), found('17.2', '/d')];

  it.each([
    { server: 13, folder: '/c', why: 'the lowest newer one' },
    { server: 15, folder: '/b', why: 'the lowest newer one' },
    { server: 16, folder: '/b', why: 'its own major, the program before the script' },
    { server: 18, folder: '/a', why: 'its own major' },
  ])('takes $why for $server', ({ server, folder }) => {
    expect(bestFit(tools, server)?.pgDump).toBe(`${folder}/pg_dump`);
  });

  it('takes no older one', () => {
    expect(bestFit(tools, 19)).toBeUndefined();
  });

  it('takes a script where there is nothing else', () => {
    expect(bestFit([wrapper], 16)).toBe(wrapper);
  });
});

describe('LCB_PG_BIN', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lcb-tools-'));
    for (const name of ['pg_dump', 'psql']) {
      await writeFile(join(folder, name), `#!/bin/sh\necho "${name} (PostgreSQL) 99.1"\n`);
      await chmod(join(folder, name), 0o755);
    }
    vi.stubEnv('LCB_PG_BIN', folder);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('goes before everything else', async () => {
    expect(await findClientTools({ serverMajor: 15 })).toMatchObject({ version: '99.1', isWrapper: true });
  });

  it('is left aside, and named in the error, when its tools are older than the server', async () => {
    expect(await findClientTools({ serverMajor: 100 })).toBeUndefined();
    await expect(toolsFor(100)).rejects.toThrow(folder);
  });

  it('needs both tools', async () => {
    await rm(join(folder, 'psql'));
    expect(await toolsInFolder(folder)).toBeUndefined();
  });
});
