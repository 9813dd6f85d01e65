import { LcbError } from '@lcb/core';

/** @param why follows the archive's name @param member as it stands in the archive */
export function archiveRefused(archive: string, why: string, member?: string): LcbError {
  const where = member === undefined ? '' : `: ${JSON.stringify(member.slice(0, 300))}`;
  return new LcbError({
    code: 'archive.refused',
    message: `${archive} ${why}${where}. Nothing of it is used. Make an archive that holds the library's files by their keys, and nothing else.`,
  });
}
