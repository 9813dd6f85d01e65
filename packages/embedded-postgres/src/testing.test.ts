import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A run of its own, since what is tested is how a run ends. */
describe('requireOrSkip', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(import.meta.dirname, '..', 'node_modules', '.suite-'));
    const suite = [
      `import { expect, it } from 'vitest';`,
      `import { requireOrSkip } from '../../src/testing.ts';`,
      `const there = await requireOrSkip('a thing', async () => 1);`,
      `there('with it', () => { it('runs', () => expect(1).toBe(1)); });`,
      `const missing = await requireOrSkip('another', async () => { throw new Error('Install it.'); });`,
      `missing('without it', () => { it('does not run', () => expect(1).toBe(2)); });`,
    ];
    await writeFile(join(folder, 'suite.test.ts'), suite.join('\n'));
    await writeFile(
      join(folder, 'vitest.config.ts'),
      `export default { test: { include: ['suite.test.ts'], root: import.meta.dirname, exclude: [] } };`,
    );
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function run(ci: string): Promise<unknown[]> {
    const report = join(folder, 'report.json');
    const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--root', folder, '--reporter=json', `--outputFile=${report}`];
    const child = spawn(process.execPath, args, { env: { ...process.env, CI: ci } });
    await text(child.stdout);
    const { testResults }: { testResults: { assertionResults: Record<string, unknown>[] }[] } = JSON.parse(
      await readFile(report, 'utf8'),
    );
    return testResults.flatMap((file) => file.assertionResults.map((one) => [one.fullName, one.status]));
  }

  it('skips a suite that lacks something, and says what', async () => {
    expect(await run('')).toEqual([
      ['with it runs', 'passed'],
      ['without it [skipped: another is missing: Install it.] does not run', 'skipped'],
    ]);
  });

  it('fails it with CI=true', async () => {
    expect(await run('true')).toEqual([
      ['with it runs', 'passed'],
      ['without it has what it needs', 'failed'],
    ]);
  });
});
