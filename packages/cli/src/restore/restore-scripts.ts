import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { RestoreTarget, SqlScript } from '@lcb/core';
import { type PlannedScript, planScripts } from '@lcb/functions-local';
import { UsageError } from '../usage-error.ts';

export interface ScriptOptions {
  /** Files, or folders of files. */
  readonly script: readonly string[];
  /** `name=value` */
  readonly parameter: readonly string[];
}

/**
 * Reads and judges the scripts that the options name, before anything is asked for. A folder stands for the `.sql` files in
 * it; of a file only its name counts for the order.
 *
 * @returns undefined where no option names any.
 */
export function restoreScripts(
  { script, parameter }: ScriptOptions,
  database: RestoreTarget['database'],
  workingDirectory: string,
): readonly PlannedScript[] | undefined {
  const parameters = Object.fromEntries(parameter.map(parseParameter));
  if (script.length === 0) {
    if (parameter.length > 0) throw new UsageError('--parameter is for scripts; name them with --script.');
    return undefined;
  }
  if (database === undefined)
    throw new UsageError('--script needs the database unit: scripts run on the restored database.');
  const scripts = script.flatMap((path) => readScripts(resolve(workingDirectory, path)));
  return planScripts(database.engine, scripts, parameters);
}

function parseParameter(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new UsageError('--parameter must be name=value.');
}

function readScripts(path: string): SqlScript[] {
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    throw new UsageError(`--script ${path} does not exist.`);
  if (!statSync(path).isDirectory()) return [{ name: basename(path), sql: readFileSync(path, 'utf8') }];
  const names = readdirSync(path).filter((name) => name.endsWith('.sql'));
  if (names.length === 0) throw new UsageError(`--script ${path} has no .sql files.`);
  return names.map((name) => ({ name, sql: readFileSync(join(path, name), 'utf8') }));
}
