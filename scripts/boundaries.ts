/** Checks that every package imports only what its place in the architecture allows: `node scripts/boundaries.ts`. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkImports, type Workspace } from './boundaries/check-imports.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['packages', 'functions', 'test', 'scripts'];

const files = find(FOLDERS.map((folder) => `${folder}/**/*.ts`)).map((path) => ({ path, text: read(path) }));
const workspaces = find(['packages/*/package.json', 'functions/*/package.json', 'test/package.json']).map(
  readWorkspace,
);

const breaches = checkImports(files, workspaces);
for (const { path, module, reason } of breaches)
  console.error(`${path}: must not import ${module}: ${reason}`);
console.log(`${files.length} files, ${breaches.length} forbidden imports`);
if (breaches.length > 0) process.exitCode = 1;

function find(patterns: readonly string[]): string[] {
  const skipped = (name: string) => name === 'node_modules' || name === '.types' || name === 'dist';
  return globSync(patterns, { cwd: ROOT, exclude: (path) => skipped(path.split('/').at(-1) ?? '') })
    .filter((path) => !path.split('/').some(skipped))
    .sort();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function readWorkspace(path: string): Workspace {
  const manifest: unknown = JSON.parse(read(path));
  if (
    typeof manifest !== 'object' ||
    manifest === null ||
    !('name' in manifest) ||
    typeof manifest.name !== 'string'
  ) {
    throw new Error(`${path} has no name.`);
  }
  const exports = 'exports' in manifest && manifest.exports;
  return {
    folder: dirname(path),
    name: manifest.name,
    exports: typeof exports === 'object' && exports !== null ? Object.keys(exports) : [],
  };
}
