import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseServerMajor, stopServer } from '@lcb/embedded-postgres';
import {
  requireOrSkip,
  serverFolder,
  type ThrowawayServer,
  throwawayServer,
} from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, fillPostgresql, tiny } from '../fixtures/index.ts';
import { startLcb } from './run-lcb.ts';

const withPostgres = await requireOrSkip('PostgreSQL with client tools', chooseServerMajor);

/** One story, told in order: every test goes on where the one before it ended. */
withPostgres('hooks from the command line', () => {
  let folder: string;
  let server: ThrowawayServer;
  let backupId: string;

  async function lcb(...args: string[]) {
    const password = decodeURIComponent(new URL(server.url).password);
    const { exitCode, stdout, lines } = await startLcb(folder, { LPORTAL_PASSWORD: password }, [
      ...args,
      '-o',
      'json',
    ]).ended;
    return { exitCode, document: stdout === '' ? undefined : JSON.parse(stdout), stderr: lines.join('\n') };
  }
  /** What the hook was called with, oldest first. */
  const asked = () =>
    readFileSync(join(folder, 'asked'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  beforeAll(async () => {
    const { binaries } = await chooseServerMajor();
    folder = await serverFolder();
    server = await throwawayServer({ binaries });
    await fillPostgresql(tiny(), await createDatabase(server.url, 'lportal'));
    writeFileSync(
      join(folder, 'hook.mjs'),
      `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
       const event = JSON.parse(readFileSync(0, 'utf8'));
       if (existsSync('${folder}/stuck') && event.type.includes('resume')) process.exit(1);
       appendFileSync('${folder}/asked', JSON.stringify({ ...event, secret: process.env.LPORTAL_PASSWORD }) + '\\n');`,
    );
    const place = (database: string) => {
      const url = new URL(server.url);
      url.password = '';
      url.pathname = `/${database}`;
      return `{ engine: postgresql, url: "${url.href}", secret: "env:LPORTAL_PASSWORD" }`;
    };
    const hook = `{ command: ["${process.execPath}", "${folder}/hook.mjs"] }`;
    writeFileSync(
      join(folder, 'lcb.yaml'),
      `projects:
  retail:
    environments:
      prd:
        database: ${place('lportal')}
        backups: ./backups
        hooks: { quiesce: ${hook}, resume: ${hook} }
      uat:
        database: ${place('lportal_uat')}
        backups: ./backups-uat
        hooks: { reindex: ${hook} }
`,
    );
  });
  afterAll(async () => {
    await stopServer(join(folder, '.lcb/catalog'), 'immediate');
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('stop an environment while it is backed up, and let it go on', async () => {
    const { exitCode, document } = await lcb(
      'backup',
      'create',
      '-e',
      'prd',
      '--consistency',
      'quiesce',
      '--wait',
    );
    expect({ exitCode, state: document.state }).toEqual({ exitCode: 0, state: 'Succeeded' });
    expect(document).toMatchObject({ consistency: 'quiesce', quiesced: { resumedAt: expect.any(String) } });
    backupId = document.id;
    expect(asked().map(({ id, secret }) => [id, secret])).toEqual([
      [`${backupId}-quiesce-1`, undefined],
      [`${backupId}-resume-1`, undefined],
    ]);
  });

  it('are missed before anything is recorded', async () => {
    const { exitCode, stderr } = await lcb('backup', 'create', '-e', 'uat', '--consistency', 'quiesce');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('retail/uat declares no hooks');
  });

  it('let a person resume an environment, and the audit trail knows who', async () => {
    const { exitCode, document } = await lcb('env', 'resume', 'prd');
    expect({ exitCode, document }).toEqual({
      exitCode: 0,
      document: {
        projectId: 'retail',
        environment: 'prd',
        resumed: true,
        eventId: expect.stringMatching(/^retail-prd-resume-/),
        runs: [],
      },
    });
    expect(asked().at(-1)).toMatchObject({ type: 'cloud.liferay.environment.resume.v1' });
    const audit = await lcb('audit', 'list', '-p', 'retail');
    expect(JSON.stringify(audit.document)).toContain('environment.resumed');
    writeFileSync(join(folder, 'stuck'), '');
    expect(await lcb('env', 'resume', 'prd')).toMatchObject({ exitCode: 1 });
    rmSync(join(folder, 'stuck'));
  });

  it('tell a restored environment to reindex', async () => {
    const { exitCode, document } = await lcb(
      'restore',
      'create',
      backupId,
      '--target-environment',
      'uat',
      '--wait',
    );
    expect({ exitCode, reindex: document.reindex }).toMatchObject({
      exitCode: 0,
      reindex: { state: 'Called' },
    });
    expect(asked().at(-1)).toMatchObject({
      id: `${document.id}-reindex`,
      source: '/projects/retail/environments/uat',
    });
  });

  it('or a person, where there is none', async () => {
    const { document } = await lcb('restore', 'create', backupId, '--target-environment', 'copy', '--wait');
    expect(document.reindex).toMatchObject({ state: 'NotDeclared' });
    const { stdout } = await startLcb(folder, {}, ['restore', 'show', document.id]).ended;
    expect(stdout).toMatch(/Reindex +to be done by hand/);
  });
});
