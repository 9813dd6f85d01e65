import { spawn } from 'node:child_process';
import { environmentWith } from './environment.mjs';
import { REPOSITORY } from './repository.mjs';

const FORWARDED = /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGUSR2']);

/**
 * Runs a program in this one's place: same terminal, same streams, the folder where the person is; its exit code becomes this one's.
 *
 * @param {string} node Path of Node.
 * @param {string[]} args
 */
export function runProgram(node, args) {
  const child = spawn(node, args, { stdio: 'inherit', cwd: callersFolder(), env: environmentWith(node) });

  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  // Ctrl-C reaches the child from the terminal; a second one, from here, would mean "stop at once" to it.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });

  child.on('error', (error) => {
    process.stderr.write(`setup: ${node} could not be run: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    // Ends as the child did, so that the caller sees the same.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** npm goes to the root of the checkout before it runs a script, and says where it was called. */
function callersFolder() {
  const here = process.cwd();
  return (here === REPOSITORY && process.env.INIT_CWD) || here;
}
