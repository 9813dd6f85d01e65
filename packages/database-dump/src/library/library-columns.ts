import type { LibraryRow, LibraryTable } from '@lcb/core';

/**
 * How a column appears in a row of JSON: `id` as a string of digits (a Java long does not fit a JSON number), `number` as a
 * number, `text`, `boolean`, `time` as RFC 3339 in UTC (Liferay stores its times in UTC). NULL as null.
 */
export type ColumnKind = 'id' | 'number' | 'text' | 'boolean' | 'time';

/** Fields of a row that are not columns of its table but worked out by the engine's query, beside `schema` in every row. */
interface WorkedOut extends Record<Exclude<LibraryTable, 'DLFileVersion' | 'Image'>, never> {
  readonly DLFileVersion: 'name' | 'folderId' | 'repositoryId' | 'key';
  readonly Image: 'key';
}

/** The kinds that become a field of a type. */
type KindOf<Field> = [Field] extends [boolean | null]
  ? 'boolean'
  : [Field] extends [number | null]
    ? 'number'
    : Exclude<ColumnKind, 'boolean' | 'number'>;

type ColumnsOf<Row, NotColumns> = {
  readonly [Name in Exclude<keyof Row, NotColumns>]: KindOf<Row[Name]>;
};

/** The columns that are read of each table, in the order of the row's fields (`libraryRowSchemas` in core). */
export const libraryColumns: {
  readonly [Table in LibraryTable]: ColumnsOf<LibraryRow<Table>, 'schema' | WorkedOut[Table]>;
} = {
  Company: { companyId: 'id', webId: 'text', mx: 'text', active_: 'boolean' },
  DLFolder: {
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
  DLFileEntry: {
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
  DLFileVersion: {
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
  Image: {
    imageId: 'id',
    ctCollectionId: 'id',
    companyId: 'id',
    type_: 'text',
    height: 'number',
    width: 'number',
    size_: 'number',
    modifiedDate: 'time',
  },
  Release_: {
    releaseId: 'id',
    servletContextName: 'text',
    schemaVersion: 'text',
    buildNumber: 'number',
    buildDate: 'time',
    verified: 'boolean',
    state_: 'number',
  },
};
