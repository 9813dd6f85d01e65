import { expect, it } from 'vitest';
import { runOrThrow } from '../support/run-command.ts';
import { requireOrSkip } from '../testing.ts';
import { chooseServerMajor } from './choose-server-major.ts';
import { fetchClientTools } from './fetch-client-tools.ts';

const withTools = await requireOrSkip('Client tools of PostgreSQL 18', () => fetchClientTools(18));

withTools('fetchClientTools', () => {
  it('gives tools that run', async () => {
    const tools = await fetchClientTools(18);

    expect(tools.major).toBe(18);
    expect(await runOrThrow(tools.psql, ['--version'])).toContain('18.');
  });

  it('leaves a machine without tools with a server and tools of the same major', async () => {
    const { major, binaries, tools } = await chooseServerMajor();

    expect([binaries.major, tools.major]).toEqual([major, major]);
  });
});
