import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandHookSchema } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event, never } from '../testing/examples.ts';
import { callCommandHook } from './call-command-hook.ts';
import { scrubOutput } from './scrub.ts';

const env = { PATH: process.env.PATH, LIFERAY_DB_PASSWORD: 'hunter2', LANG: 'C' };

describe('a hook that is a command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lcb-hook-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function script(source: string, timeoutSeconds = 20, ...args: string[]) {
    const command = [process.execPath, '-e', source, ...args];
    return callCommandHook(commandHookSchema.parse({ command, timeoutSeconds }), event, env, never);
  }

  it('gets the event on its standard input, and its arguments as they are', async () => {
    const file = join(folder, 'seen');
    const write = `require('fs').writeFileSync(process.argv[1], require('fs').readFileSync(0, 'utf8') + process.argv[2])`;
    await script(write, 20, file, '$(touch nothing); `id`');
    const [body, argument] = (await readFile(file, 'utf8')).split('\n');
    expect(JSON.parse(body ?? '')).toEqual(event);
    expect(argument).toBe('$(touch nothing); `id`');
  });

  it('is handed down no secret of the service', async () => {
    const file = join(folder, 'environment');
    await script(`require('fs').writeFileSync(process.argv[1], JSON.stringify(process.env))`, 20, file);
    const seen = JSON.parse(await readFile(file, 'utf8'));
    expect(Object.keys(seen).sort()).toEqual(['LANG', 'LCB_EVENT_ID', 'LCB_EVENT_TYPE', 'PATH']);
    expect(seen.LCB_EVENT_ID).toBe(event.id);
  });

  it('that fails says with what, without what looks like a secret, and not at length', async () => {
    const failing = script(
      `process.stdout.write('x'.repeat(1e6)); console.error('\\npassword=hunter2 at postgres://ada:word@db/x\\u001b[31m'); process.exitCode = 3`,
    );
    await expect(failing).rejects.toMatchObject({ code: 'hook.commandFailed', retryable: true });
    const message = await failing.catch((error: Error) => error.message);
    expect(message).toContain('ended with 3');
    expect(message).toContain('password=*** at postgres://ada:***@db/x');
    expect(message).not.toContain('hunter2');
    expect(String(message).length).toBeLessThan(1300);
  });

  it('is killed at its deadline with everything that it started', async () => {
    const file = join(folder, 'pids');
    const source = `
      const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      require('fs').writeFileSync(process.argv[1], String(child.pid));
      process.on('SIGTERM', () => {});
      setInterval(() => {}, 1000)`;
    await expect(script(source, 2, file)).rejects.toMatchObject({ code: 'hook.timedOut', retryable: true });
    const grandchild = Number(await readFile(file, 'utf8'));
    expect(await isGone(grandchild)).toBe(true);
  });

  it('that ends well leaves nothing running, and holds nobody up', async () => {
    const file = join(folder, 'left');
    const source = `
      const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      require('fs').writeFileSync(process.argv[1], String(child.pid));
      process.exit(0)`;
    await script(source, 20, file);
    expect(await isGone(Number(await readFile(file, 'utf8')))).toBe(true);
  });

  it('that is not there is not tried again', async () => {
    const missing = commandHookSchema.parse({ command: [join(folder, 'missing')] });
    await expect(callCommandHook(missing, event, env, never)).rejects.toMatchObject({
      code: 'hook.commandNotStarted',
      retryable: false,
    });
  });
});

it.each([
  ['Authorization: Bearer abc', 'Authorization: *** abc'],
  ['{"api_key":"abc","n":1}', '{"api_key":***'],
  ['nothing to hide', 'nothing to hide'],
])('%j is shown as %j', (said, shown) => {
  expect(scrubOutput(said)).toBe(shown);
});

/** Gone, or dead and not yet fetched by whoever has to (the zombie of a killed process has an empty command line). */
async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 200; look += 1) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line === '') return true;
    await sleep(50);
  }
  return false;
}
