import { type DatabaseDump, InvalidRequestError, LcbError, type MysqlLocale } from '@lcb/core';
import { type Flavour, parseVersion, type Server, serverName } from '../catalog/server.ts';

/** Found before anything is created. @throws LcbError `database.serverTooOld`, InvalidRequestError */
export function assertFits({ engine, serverVersion, locale }: DatabaseDump, target: Server): MysqlLocale {
  if (locale.provider !== 'mysql') {
    throw new InvalidRequestError(
      `The backup is of a database of the kind ${engine}, which ${serverName(target.flavour)} can't load. Name a target of that kind.`,
    );
  }
  const flavour: Flavour = /mariadb/i.test(serverVersion) ? 'mariadb' : 'mysql';
  const from = parseVersion(serverVersion);
  // The numbers of the two kinds can't be compared; what one lacks of the other shows in the collation, or while loading.
  if (flavour !== target.flavour) return locale;
  if (target.major > from.major || (target.major === from.major && target.minor >= from.minor)) return locale;
  throw new LcbError({
    code: 'database.serverTooOld',
    message: `The backup is of ${serverName(flavour)} ${serverVersion}, the target server is ${target.version}: a dump need not load into an older one. Restore to ${serverName(flavour)} ${from.major}.${from.minor} or newer.`,
  });
}
