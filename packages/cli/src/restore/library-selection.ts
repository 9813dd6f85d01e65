import type { LibrarySelection } from '@lcb/core';
import { UsageError } from '../usage-error.ts';

/** What the options say of the part of a library that is wanted. */
export interface SelectionOptions {
  readonly folder: readonly string[];
  readonly site?: string | undefined;
  readonly fileEntry: readonly string[];
  readonly fileVersion: readonly string[];
  readonly company: readonly string[];
}

/** `undefined` where all of the library is. */
export function librarySelection(options: SelectionOptions): LibrarySelection | undefined {
  const { folder, site, fileEntry: fileEntries, fileVersion: fileVersions, company: companies } = options;
  if (site !== undefined && folder.length === 0)
    throw new UsageError('--site says of which site a folder is: name one with --folder.');
  if (folder.length + fileEntries.length + fileVersions.length + companies.length === 0) return undefined;
  const folders = folder.map((path) => ({ path, ...(site === undefined ? {} : { groupId: site }) }));
  return {
    folders,
    fileEntries: [...fileEntries],
    fileVersions: [...fileVersions],
    companies: [...companies],
  };
}
