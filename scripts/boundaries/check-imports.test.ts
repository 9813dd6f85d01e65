import { describe, expect, it } from 'vitest';
import { checkImports, type Workspace } from './check-imports.ts';

const workspaces: Workspace[] = [
  ['packages/core', '.'],
  ['packages/catalog', '.'],
  ['packages/database-dump', '.'],
  ['packages/embedded-postgres', '.', './testing'],
  ['packages/provider-aws', '.'],
  ['packages/provider-gcp', '.'],
  ['packages/cli', '.'],
  ['functions/local', '.'],
].map(([folder = '', ...exports]) => ({
  folder,
  name: `@lcb/${folder.replace('packages/', '').replace('/', '-')}`,
  exports,
}));

/** The modules that `path` must not import, of those it does import. */
function refused(path: string, ...modules: string[]): string[] {
  const text = modules.map((module) => `import { a } from '${module}';`).join('\n');
  return checkImports([{ path, text }], workspaces).map((breach) => breach.module);
}

describe('checkImports', () => {
  it('keeps core free of packages, network, files and processes', () => {
    const wrong = ['@lcb/catalog', 'node:fs/promises', 'node:net', 'https', 'node:child_process'];
    expect(refused('packages/core/src/a.ts', ...wrong, 'node:crypto', 'zod', './b.ts')).toEqual(wrong);
    expect(refused('packages/core/src/a.test.ts', 'node:fs', '@lcb/catalog')).toEqual(['@lcb/catalog']);
  });

  it('lets a provider see core, and never another provider', () => {
    const path = 'packages/provider-aws/src/a.ts';
    expect(refused(path, '@lcb/core', '@lcb/provider-gcp', '@lcb/cli')).toEqual([
      '@lcb/provider-gcp',
      '@lcb/cli',
    ]);
  });

  it('lets the embedded server into tests, and into the sources of database-dump', () => {
    const modules = ['@lcb/embedded-postgres', '@lcb/embedded-postgres/testing'];
    expect(refused('packages/catalog/src/a.ts', ...modules)).toEqual(modules);
    expect(refused('packages/catalog/src/a.test.ts', ...modules)).toEqual([]);
    expect(refused('packages/database-dump/src/a.ts', '@lcb/embedded-postgres')).toEqual([]);
  });

  it('lets functions see packages but not the command line', () => {
    expect(refused('functions/local/src/a.ts', '@lcb/catalog', '@lcb/cli')).toEqual(['@lcb/cli']);
  });

  it('lets only tests see test/', () => {
    expect(refused('packages/catalog/src/a.ts', '../../../test/fixtures/b.ts')).toHaveLength(1);
    expect(refused('packages/catalog/src/a.test.ts', '../../../test/fixtures/b.ts')).toEqual([]);
  });

  it('refuses ways into another package past its exports', () => {
    const modules = ['@lcb/core/src/a.ts', '../../core/src/a.ts'];
    expect(refused('packages/catalog/src/b.ts', ...modules)).toEqual(modules);
  });

  it('sees every way to import', () => {
    const text = [
      `import type {`,
      `  A,`,
      `} from '@lcb/a';`,
      `export * from "@lcb/b";`,
      `import '@lcb/c';`,
      `const d = await import('@lcb/d');`,
      `const notOne = "from '@lcb/e'";`,
    ].join('\n');
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      folder: `packages/${name}`,
      name: `@lcb/${name}`,
      exports: ['.'],
    }));
    const breaches = checkImports(
      [{ path: 'packages/core/src/a.ts', text }],
      [{ folder: 'packages/core', name: '@lcb/core', exports: ['.'] }, ...all],
    );
    expect(breaches.map((breach) => breach.module)).toEqual(['@lcb/a', '@lcb/b', '@lcb/c', '@lcb/d']);
  });
});
