#!/usr/bin/env node
/**
 * node scripts/bootstrap.mjs run <file.ts> [arguments…]
 *
 * Runs a TypeScript file of this repository on a machine that has only Node 20 and npm: first fetches what is missing
 * (Node, pnpm, the packages of the lockfile), with one line on standard error for each, and nothing when nothing is to do.
 * Plain JavaScript, so that an old Node can run it.
 */
import { resolve } from 'node:path';
import { ensureNode } from './bootstrap/node-runtime.mjs';
import { ensurePackages } from './bootstrap/packages.mjs';
import { REPOSITORY } from './bootstrap/repository.mjs';
import { runProgram } from './bootstrap/run-program.mjs';

/** What streams make is dead before it has filled this. Twice as much, as by default, takes tens of MB more and saves no time. */
const youngGeneration = '--max-semi-space-size=8';

const [command, file, ...args] = process.argv.slice(2);

if (command !== 'run' || !file) {
  process.stderr.write('Usage: node scripts/bootstrap.mjs run <file.ts> [arguments…]\n');
  process.exit(2);
}

try {
  const node = await ensureNode();
  await ensurePackages(node);
  runProgram(node, [youngGeneration, resolve(REPOSITORY, file), ...args]);
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
