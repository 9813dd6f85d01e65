import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runProgram } from './cli/run-program.ts';

// The program is large: compiled once, it starts in half the time.
enableCompileCache();
// On a machine with much memory V8 lets garbage grow to several times what is alive, before it looks: here streams make much of it.
setFlagsFromString('--heap-growing-percent=50');

// `lcb … | head`: nobody reads on, which is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const exitCode = await runProgram(process.argv.slice(2), import.meta.filename);
// Not `exitCode =`: whatever a command left open must not keep a finished program alive.
process.stdout.write('', () => process.exit(exitCode));
