import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type DatabaseConnection, s3LocationProblem } from '@lcb/core';

const scheme = /^[a-z][a-z0-9+.-]*:/i;

/** What is wrong with a folder or bucket as lcb.yaml names it, to follow the field's name; `undefined` when nothing is. */
export function locationProblem(value: string): string | undefined {
  if (value.trim() === '') return 'must name a folder';
  if (value.startsWith('~'))
    return `begins with ~, which only a shell understands; write the folder's full path`;
  if (value.startsWith('s3:')) return s3LocationProblem(value);
  if (!scheme.test(value)) return resolve(value) === '/' ? notTheRoot : undefined;
  if (!/^file:\/\//i.test(value)) {
    return 'must be a folder or a bucket: a path, relative to lcb.yaml, or a URL such as file:///srv/backups or s3://bucket/prefix';
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (
    url === undefined ||
    url.host !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    /%2f|%00/i.test(value)
  ) {
    return 'must have three slashes and a full path, as in file:///srv/backups; a path relative to lcb.yaml is written without file:';
  }
  return fileURLToPath(url) === '/' ? notTheRoot : undefined;
}

const notTheRoot = 'can not be the root of the file system; name a folder in it';

/**
 * The URL of a folder (`file:///…`) or a bucket (`s3://…`) as lcb.yaml names it, written in the one way that others are compared with.
 * Whatever a path has in it (spaces, `#`, `%`) is kept.
 * @param value one without a {@link locationProblem}
 */
export function locationUrl(value: string, baseDirectory: string): string {
  if (value.startsWith('s3:')) return value.replace(/\/+$/, '');
  // Through the path and back, so that one folder is always written in the same way.
  const path = scheme.test(value) ? fileURLToPath(value) : value;
  return pathToFileURL(absolute(path, baseDirectory)).href;
}

export function absolute(path: string, baseDirectory: string): string {
  return resolve(isAbsolute(path) ? path : join(baseDirectory, path));
}

/** How the URL of a database looks. */
export const urlShapes = {
  postgresql: 'postgres://user@host:5432/database',
  mysql: 'mysql://user@host:3306/database',
} as const;
export const schemes = { postgresql: /^postgres(ql)?:$/, mysql: /^(mysql|mariadb):$/ } as const;

/**
 * What is wrong with the URL of a database, to follow the field's name. Never repeats the URL: it may hold the password.
 * @param ifNoUrl what it has to be @param whereTo where the password belongs
 */
export function databaseUrlProblem(
  engine: DatabaseConnection['engine'],
  value: string,
  ifNoUrl: string,
  whereTo: string,
): string | undefined {
  if (!URL.canParse(value)) return ifNoUrl;
  const { protocol, hostname, pathname, password } = new URL(value);
  if (password !== '') return `carries a password; take it out, and name it ${whereTo}`;
  const isComplete = schemes[engine].test(protocol) && hostname !== '' && pathname.length > 1;
  return isComplete ? undefined : ifNoUrl;
}

/** Does one location lie in the other, or are they the same? */
export function areNested(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}
