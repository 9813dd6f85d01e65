import type { LibraryTable } from '@lcb/core';
import type { Columns } from './columns.ts';

/** What is taken of a table, and in which order. */
export interface LibraryTableRows {
  /** Of type `id` and must be there: a table without it only happens to have the name. */
  readonly primaryKey: string;
  readonly columns: Columns;
  /** Rows with a `key` are sorted by it, the others by their primary key. */
  readonly sortedBy: 'key' | 'primaryKey';
}

/**
 * The rows that every backup with a database carries: enough to know each object that the database expects, and to find
 * the objects of a folder, a site or a company without loading the database. Column lists: Liferay's `portal-tables.sql`.
 *
 * Each row begins with `schema`, where it was found: partitioned environments have one for each company.
 */
export const libraryTableRows: Readonly<Record<LibraryTable, LibraryTableRows>> = {
  Company: {
    primaryKey: 'companyId',
    columns: { companyId: 'id', webId: 'text', mx: 'text', active_: 'boolean' },
    sortedBy: 'primaryKey',
  },
  DLFolder: {
    primaryKey: 'folderId',
    columns: {
      folderId: 'id',
      ctCollectionId: 'id',
      companyId: 'id',
      groupId: 'id',
      repositoryId: 'id',
      parentFolderId: 'id',
      mountPoint: 'boolean',
      treePath: 'text',
      name: 'text',
      modifiedDate: 'time',
    },
    sortedBy: 'primaryKey',
  },
  DLFileEntry: {
    primaryKey: 'fileEntryId',
    columns: {
      fileEntryId: 'id',
      ctCollectionId: 'id',
      uuid_: 'text',
      externalReferenceCode: 'text',
      companyId: 'id',
      groupId: 'id',
      repositoryId: 'id',
      folderId: 'id',
      treePath: 'text',
      name: 'text',
      fileName: 'text',
      extension: 'text',
      mimeType: 'text',
      title: 'text',
      version: 'text',
      size_: 'number',
      modifiedDate: 'time',
    },
    sortedBy: 'primaryKey',
  },
  /** And `name`, `folderId`, `repositoryId` of its entry, and the `key` of the object that it stands for. */
  DLFileVersion: {
    primaryKey: 'fileVersionId',
    columns: {
      fileVersionId: 'id',
      ctCollectionId: 'id',
      fileEntryId: 'id',
      companyId: 'id',
      groupId: 'id',
      fileName: 'text',
      mimeType: 'text',
      title: 'text',
      version: 'text',
      storeUUID: 'text',
      size_: 'number',
      checksum: 'text',
      status: 'number',
      createDate: 'time',
      modifiedDate: 'time',
    },
    sortedBy: 'key',
  },
  /** And the `key` of the object that it stands for. */
  Image: {
    primaryKey: 'imageId',
    columns: {
      imageId: 'id',
      ctCollectionId: 'id',
      companyId: 'id',
      type_: 'text',
      height: 'number',
      width: 'number',
      size_: 'number',
      modifiedDate: 'time',
    },
    sortedBy: 'key',
  },
  Release_: {
    primaryKey: 'releaseId',
    columns: {
      releaseId: 'id',
      servletContextName: 'text',
      schemaVersion: 'text',
      buildNumber: 'number',
      buildDate: 'time',
      verified: 'boolean',
      state_: 'number',
    },
    sortedBy: 'primaryKey',
  },
};
