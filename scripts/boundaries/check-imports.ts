import { posix } from 'node:path';
import { RULES, type Rule } from './rules.ts';
import { scanImports } from './scan-imports.ts';

/** A package of the workspace. */
export interface Workspace {
  /** Below the repository, such as `packages/core`. */
  readonly folder: string;
  readonly name: string;
  /** The keys of `exports` in its package.json, such as `.` and `./testing`. */
  readonly exports: readonly string[];
}

export interface SourceFile {
  /** Below the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** An import that breaks a rule. */
export interface Breach {
  readonly path: string;
  readonly module: string;
  readonly reason: string;
}

/** Every import in `files` that breaks a rule, in the order of the files. */
export function checkImports(files: readonly SourceFile[], workspaces: readonly Workspace[]): Breach[] {
  return files.flatMap((file) =>
    scanImports(file.text).flatMap((module) => {
      const reason = reasonAgainst(file.path, module, workspaces);
      return reason ? [{ path: file.path, module, reason }] : [];
    }),
  );
}

function reasonAgainst(path: string, module: string, workspaces: readonly Workspace[]): string | undefined {
  const own = workspaces.find((one) => isBelow(path, one.folder));
  if (module.startsWith('.')) return reasonAgainstRelative(path, module, own);
  const rule = own && RULES.find((one) => one.folders.test(own.folder));
  if (!own || !rule) return undefined;
  const target = workspaces.find((one) => module === one.name || module.startsWith(`${one.name}/`));
  if (target) return reasonAgainstPackage(path, module, own, target, rule);
  return !isTest(path) && rule.noBuiltins?.test(module) ? rule.why : undefined;
}

function reasonAgainstRelative(path: string, module: string, own: Workspace | undefined): string | undefined {
  const target = posix.join(posix.dirname(path), module);
  if (isBelow(target, 'test') && !isBelow(path, 'test') && !isTest(path)) {
    return 'only tests import from test/';
  }
  const top = own?.folder ?? path.split('/')[0] ?? '';
  if (isBelow(target, top) || isBelow(target, 'test')) return undefined;
  return `it leaves ${top} by a relative path: import another package by its name`;
}

function reasonAgainstPackage(
  path: string,
  module: string,
  own: Workspace,
  target: Workspace,
  rule: Rule,
): string | undefined {
  const subpath = `.${module.slice(target.name.length)}`;
  if (!target.exports.includes(subpath)) {
    return `${target.name} does not export ${subpath}: add it to its package.json, or import what it exports`;
  }
  const allowed =
    target === own ||
    rule.mayImport.test(target.folder) ||
    (isTest(path) && rule.testsMayImport?.test(target.folder));
  return allowed ? undefined : rule.why;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.includes('/src/testing/');
}
