import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';

/** The root of the checkout. */
const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Runs a command at the root of the checkout with this terminal, and gives its exit code.
 * The tools of the checkout are found by name.
 */
export async function runCommand(command: string, args: readonly string[]): Promise<number> {
  const PATH = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, PATH } });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}
