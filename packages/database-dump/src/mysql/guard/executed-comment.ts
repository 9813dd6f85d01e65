import type { Server } from '../catalog/server.ts';

/** `/*!`, `/*!40101`, `/*M!100203`: the comment's own mark, if one begins here. */
const MARK = /^\/\*(M?)!(\d{5,6})?/;

export interface ExecutedComment {
  readonly length: number;
  /** Does this server take what is inside for statements? */
  readonly isExecuted: boolean;
}

/**
 * Comments that are statements on servers of a version or newer. What a server would execute is lexed and sent like any
 * other text, and what it would not is left out, so that nobody has to read comments but we.
 *
 * @param text at least the comment's first twelve characters.
 */
export function executedComment(
  text: string,
  server: Pick<Server, 'flavour' | 'version'>,
): ExecutedComment | undefined {
  const [mark, isMariadbs, digits] = MARK.exec(text) ?? [];
  if (mark === undefined) return undefined;
  const isMariadb = server.flavour === 'mariadb';
  if (isMariadbs === 'M' && !isMariadb) return { length: mark.length, isExecuted: false };
  if (digits === undefined) return { length: mark.length, isExecuted: true };
  const version = Number(digits);
  // MySQL's own versions since 5.7 say nothing about MariaDB (its reference, "Comment Syntax").
  const isMysqls = isMariadb && isMariadbs !== 'M' && version >= 50_700 && version <= 99_999;
  return { length: mark.length, isExecuted: !isMysqls && version <= versionNumber(server.version) };
}

/** `10.11.6-MariaDB` → 101106 */
function versionNumber(version: string): number {
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return Number(major) * 10_000 + Number(minor) * 100 + Number(patch);
}
