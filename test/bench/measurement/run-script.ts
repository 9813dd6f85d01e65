import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a script of bash that fails where any program in it does. What it needs is in its environment, never in its text. */
export async function runScript(script: string, env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn('bash', ['-c', `set -euo pipefail\n${script}`], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${script} ended with ${code}.`);
}
