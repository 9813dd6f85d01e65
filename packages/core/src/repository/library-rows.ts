import { z } from 'zod';
import { timeSchema } from '../model/values.ts';
import type { LibraryTable } from '../ports/database-engine.ts';

/**
 * The rows that every backup with a database carries beside the dump, one file for each table that the database has
 * (`library-rows/{Table}.jsonl.zst`): enough to know each object that the database expects, and to find the objects of a
 * folder, a site or a company without loading the database.
 *
 * Fields bear Liferay's own names (its `portal-tables.sql`), whatever case the server keeps them in, in the order of the
 * schemas below. A field is always there: null where the row has NULL, or where the table of an older Liferay lacks it.
 * Everything is read in the snapshot of the dump.
 */

/** A Java long. Text of digits, since a JSON number holds 53 bits only. */
const id = z.string().regex(/^-?\d+$/, 'must be an integer as text');
const idOrNull = id.nullable();
const text = z.string().nullable();
/** Sizes are bytes, widths and heights pixels. */
const number = z.number().int().nullable();
const boolean = z.boolean().nullable();
/** Liferay keeps its times in UTC without a zone. */
const time = timeSchema.nullable();
/** A publication's own rows bear its id; `0` is production, also where Liferay (before 7.2) has no publications. */
const ctCollectionId = id;
/** Where the row was found. With partitioned companies each has a schema of its own. */
const schema = z.string();
/** The object that the row stands for, without a prefix of the library's; null where that can't be told. */
const key = z.string().min(1).nullable();

const company = z.object({ schema, companyId: id, webId: text, mx: text, active_: boolean });

const folder = z.object({
  schema,
  folderId: id,
  ctCollectionId,
  companyId: idOrNull,
  groupId: idOrNull,
  repositoryId: idOrNull,
  /** `0` at the top. */
  parentFolderId: idOrNull,
  mountPoint: boolean,
  /** `/{folderId}/{folderId}/`, from the top down to this one. */
  treePath: text,
  name: text,
  modifiedDate: time,
});

const fileEntry = z.object({
  schema,
  fileEntryId: id,
  ctCollectionId,
  uuid_: text,
  externalReferenceCode: text,
  companyId: idOrNull,
  groupId: idOrNull,
  repositoryId: idOrNull,
  /** `0` outside of folders. */
  folderId: idOrNull,
  treePath: text,
  /** Number from a counter, part of the key; people see `title` and `fileName`. */
  name: text,
  fileName: text,
  extension: text,
  mimeType: text,
  title: text,
  version: text,
  size_: number,
  modifiedDate: time,
});

/**
 * `key` is `{companyId}/{folderId}/{name}/{version}` with the entry's company, folder (its repository where the folder
 * is 0) and name, and `~{storeUUID}` at the end where that is set. It is null where the entry is missing. The entry is the
 * one of the same publication, or else the one in production.
 */
const fileVersion = z.object({
  schema,
  fileVersionId: id,
  ctCollectionId,
  fileEntryId: idOrNull,
  companyId: idOrNull,
  groupId: idOrNull,
  fileName: text,
  mimeType: text,
  title: text,
  version: text,
  storeUUID: text,
  size_: number,
  checksum: text,
  /** 0 is approved, 1 pending, 2 draft, 8 in the recycle bin (Liferay's `WorkflowConstants`). */
  status: number,
  createDate: time,
  modifiedDate: time,
  /** Of the entry, as the next two. */
  name: text,
  folderId: idOrNull,
  repositoryId: idOrNull,
  key,
});

/** `key` is `{companyId}/0/{imageId}.{type_}/1.0`. */
const image = z.object({
  schema,
  imageId: id,
  ctCollectionId,
  companyId: idOrNull,
  type_: text,
  height: number,
  width: number,
  size_: number,
  modifiedDate: time,
  key,
});

const release = z.object({
  schema,
  releaseId: id,
  /** `portal` is Liferay itself, anything else one of its modules. */
  servletContextName: text,
  schemaVersion: text,
  buildNumber: number,
  buildDate: time,
  verified: boolean,
  state_: number,
});

/** A row of each file, as a line of JSON. */
export const libraryRowSchemas = {
  Company: company,
  DLFolder: folder,
  DLFileEntry: fileEntry,
  DLFileVersion: fileVersion,
  Image: image,
  Release_: release,
} as const satisfies Readonly<Record<LibraryTable, z.ZodObject>>;
export type LibraryRow<Table extends LibraryTable> = z.infer<(typeof libraryRowSchemas)[Table]>;

/**
 * How each file is sorted. First by `key` where it says so (order of UTF-8 bytes, as object stores list; rows without one
 * before all others), then by `id` as a number, then by `ctCollectionId` as a number, then by `schema` (UTF-8 bytes).
 */
export const libraryRowOrder = {
  Company: { id: 'companyId', byKey: false },
  DLFolder: { id: 'folderId', byKey: false },
  DLFileEntry: { id: 'fileEntryId', byKey: false },
  DLFileVersion: { id: 'fileVersionId', byKey: true },
  Image: { id: 'imageId', byKey: true },
  Release_: { id: 'releaseId', byKey: false },
} as const satisfies {
  readonly [Table in LibraryTable]: { readonly id: keyof LibraryRow<Table>; readonly byKey: boolean };
};
