import { dirname } from 'node:path';
import type { OsAccount } from './os-account.ts';
import { runCommand } from './run-command.ts';

const FIRST_CLOSED = 'for folder in "$@"; do [ -x "$folder" ] || { printf %s "$folder"; exit 0; }; done';

/**
 * The outermost existing folder on the way to `path` (itself included) that `account` can't enter; undefined when it can enter all.
 * Asks as that account, so that access lists count too.
 */
export async function folderClosedTo(account: OsAccount, path: string): Promise<string | undefined> {
  const folders = [path];
  for (let parent = dirname(path); parent !== folders[0]; parent = dirname(parent)) folders.unshift(parent);
  const { stdout } = await runCommand('/bin/sh', ['-c', FIRST_CLOSED, 'sh', ...folders], { account });
  return stdout === '' ? undefined : stdout;
}
