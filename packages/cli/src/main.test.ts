import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { exitCodes } from './exit-code.ts';

const main = join(import.meta.dirname, 'main.ts');

/** The program, as a shell calls it, in an empty folder. */
async function lcb(args: readonly string[], yaml?: string) {
  const cwd = mkdtempSync(join(tmpdir(), 'lcb-cli-'));
  if (yaml !== undefined) writeFileSync(join(cwd, 'lcb.yaml'), yaml);
  const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  const left = readdirSync(cwd).filter((name) => name !== 'lcb.yaml');
  rmSync(cwd, { recursive: true });
  return { stdout, stderr, exitCode, left };
}

const yaml = `projects:
  retail:
    environments:
      prd: { library: library, backups: backups }
      uat: { library: library, backups: backups }
`;

describe('wrong input: exit 2, one sentence, nothing done', () => {
  it.each<[string, readonly string[], string]>([
    ['no command', ['backup'], 'Usage: lcb backup'],
    ['an unknown command', ['bakup'], `error: unknown command 'bakup'\n(Did you mean backup?)`],
    [
      'an unknown option',
      ['backup', 'create', '--ful'],
      `error: unknown option '--ful'\n(Did you mean --full?)`,
    ],
    ['a missing argument', ['backup', 'show'], `error: missing required argument 'id'`],
    [
      'a missing option',
      ['restore', 'create', 'x'],
      `error: required option '--target-environment <name>' not specified`,
    ],
    ['a wrong format', ['env', 'list', '-o', 'xml'], 'error: --output must be table or json, not "xml".'],
    ['a wrong id', ['backup', 'show', 'x'], 'error: "x" is not the id of a backup.'],
    [
      'a wrong unit',
      ['backup', 'create', '--units', 'libary'],
      'error: --units does not know "libary"; it may be',
    ],
    [
      'no choice',
      ['backup', 'create'],
      'error: Say which environment with --environment: lcb.yaml declares retail/prd, retail/uat.',
    ],
    [
      'a unit that is not declared',
      ['backup', 'create', '-e', 'prd', '--units', 'database'],
      'error: --units names database, but lcb.yaml declares no database for retail/prd; it declares documentLibrary.',
    ],
    [
      'an unknown environment',
      ['env', 'check', 'prod'],
      'error: lcb.yaml declares no environment prod; did you mean prd?',
    ],
    [
      'a key file that is none',
      ['backup', 'verify', 'retail-prd-backup-20251109-143000', '--key', 'lcb.yaml'],
      `error: --key lcb.yaml can't be read: it is not JSON.`,
    ],
  ])('%s', async (_what, args, sentence) => {
    const { stdout, stderr, exitCode, left } = await lcb(args, yaml);
    expect(stderr).toContain(sentence);
    expect({ exitCode, stdout, left }).toEqual({ exitCode: exitCodes.invalid, stdout: '', left: [] });
    expect(stderr).not.toContain('    at ');
  });

  it('no lcb.yaml', async () => {
    const { stderr, exitCode } = await lcb(['env', 'list']);
    expect(stderr).toMatch(/^error: There is no lcb\.yaml in .* or in a folder above it\./);
    expect(exitCode).toBe(exitCodes.invalid);
  });

  it('in JSON, also on standard output', async () => {
    const wrong = await lcb(['env', 'list', '-o', 'json'], 'provider: aws\nprojects: {}\n');
    const { error } = JSON.parse(wrong.stdout);
    expect(error).toEqual({
      code: 'config.invalid',
      message: expect.stringContaining(':1:1: provider must be local.'),
      retryable: false,
    });
    const unknown = await lcb(['backup', 'create', '--output=json', '--ful']);
    expect(JSON.parse(unknown.stdout).error.message).toContain(`unknown option '--ful'`);
  });
});

describe('what needs no service', () => {
  it('lists environments', async () => {
    const { stdout, exitCode, left } = await lcb(['env', 'list', '-o', 'json'], yaml);
    expect(JSON.parse(stdout).environments).toMatchObject([{ environment: 'prd' }, { environment: 'uat' }]);
    expect({ exitCode, left }).toEqual({ exitCode: exitCodes.done, left: [] });
  });

  it('documents every exit code', async () => {
    const { stdout, exitCode } = await lcb(['--help']);
    expect(exitCode).toBe(exitCodes.done);
    for (const code of Object.values(exitCodes)) expect(stdout).toMatch(new RegExp(`^ *${code}  \\w`, 'm'));
  });

  it('prints schema and version', async () => {
    expect(JSON.parse((await lcb(['config', 'schema'])).stdout)).toMatchObject({ title: 'lcb.yaml' });
    expect((await lcb(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('finds no backup where none is', async () => {
    const { stderr, exitCode } = await lcb(['backup', 'verify', 'retail-prd-backup-20251109-143000'], yaml);
    expect(stderr).toMatch(
      /^error: There is no sealed backup retail-prd-backup-20251109-143000 in file:\/\/.*\/backups\.\n$/,
    );
    expect(exitCode).toBe(exitCodes.notFound);
  });

  it('checks environments, and says all problems at once', async () => {
    const { stdout, exitCode } = await lcb(['env', 'check', '-o', 'json'], yaml);
    const { ok, environments } = JSON.parse(stdout);
    expect(ok).toBe(false);
    expect(environments).toHaveLength(2);
    expect(environments[0].checks).toMatchObject([
      { check: 'library', ok: false, error: { code: 'objectStore.locationMissing' } },
      { check: 'backups', ok: true, error: null },
    ]);
    expect(exitCode).toBe(exitCodes.failed);
  });
});
