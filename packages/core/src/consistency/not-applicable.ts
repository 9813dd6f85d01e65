import type { LibraryLayout } from '../library/layout.ts';
import type { NotApplicable } from './certificate.ts';

/** Why a database and a library of this layout can't be compared; undefined where they can. */
export function whyNotComparable(about: {
  readonly location: string;
  readonly layout: LibraryLayout;
  readonly hasFileVersions: boolean;
  /** Rows of DLContent, in which Liferay's DBStore keeps its files; undefined where nobody counted them. */
  readonly contentRows: number | undefined;
}): NotApplicable | undefined {
  const { location, layout, contentRows = 0 } = about;
  if (!about.hasFileVersions) {
    return {
      code: 'noLibraryTables',
      message: 'The database has no table DLFileVersion: nothing says which files it expects.',
    };
  }
  if (layout.kind === 'empty' && contentRows > 0) {
    return {
      code: 'databaseStore',
      message: `The files lie in the database (DBStore: ${contentRows} rows of DLContent) and ${location} holds none: the backup of the database is the whole backup.`,
    };
  }
  const message = describeLayout(location, layout);
  return message === undefined ? undefined : { code: 'otherLayout', message };
}

/** What is to be said of a library whose layout is not the one that rows can be compared with. */
export function describeLayout(location: string, layout: LibraryLayout): string | undefined {
  switch (layout.kind) {
    case 'bucket':
    case 'empty':
      return undefined;
    case 'nested':
      return `The files lie one or more folders down: name ${location}/${layout.prefix.slice(0, -1)} as the library's location.`;
    case 'advancedFileSystem':
      return `${location} is an AdvancedFileSystemStore (folders of two characters). Its files are backed up as they are, but rows can't be compared with them. Liferay's simple FileSystemStore and its bucket stores can.`;
    case 'unknown':
      return `${location} does not look like a document library of Liferay ({companyId}/{repositoryId}/{name}/{version}). Its files are backed up as they are, but rows can't be compared with them. Is it the right location?`;
  }
}
