/** Liferay's tables as far as they matter here: two companies, each in a schema of its own, the second with an older layout. */
export const libraryDatabase = String.raw`
CREATE SCHEMA lpartition_2;
CREATE TABLE company (companyid bigint PRIMARY KEY, webid text, mx text, active_ bool);
INSERT INTO company VALUES (20097, 'liferay.com', 'liferay.com', true), (9, 'a"quote\', 'x', NULL);
-- The shared table as a partition sees it: its rows must not count twice.
CREATE VIEW lpartition_2.company AS SELECT * FROM company;

CREATE TABLE release_ (releaseid bigint PRIMARY KEY, servletcontextname text, schemaversion text, buildnumber int, builddate timestamp, verified bool, state_ int);
INSERT INTO release_ VALUES (1, 'portal', '31.1.0', 7413, '2025-01-02 03:04:05.678', true, 0), (2, 'com.example', '9.0', 99999, NULL, NULL, NULL);

CREATE TABLE dlfolder (folderid bigint, ctcollectionid bigint, companyid bigint, groupid bigint, repositoryid bigint, parentfolderid bigint, mountpoint bool, treepath text, name text, modifieddate timestamp, PRIMARY KEY (folderid, ctcollectionid));
INSERT INTO dlfolder VALUES (9007199254740993, 0, 20097, 5, 5, 0, false, '/9007199254740993/', E'Umläute\n"🦊"\x01', '2025-06-01'), (20, 0, 20097, 5, 5, 0, false, '/20/', 'b', NULL), (3, 0, 20097, 5, 5, 0, true, '/3/', 'a', NULL);

CREATE TABLE dlfileentry (fileentryid bigint, ctcollectionid bigint, uuid_ text, companyid bigint, groupid bigint, repositoryid bigint, folderid bigint, treepath text, name text, filename text, extension text, mimetype text, title text, version text, size_ bigint, modifieddate timestamp, PRIMARY KEY (fileentryid, ctcollectionid));
INSERT INTO dlfileentry (fileentryid, ctcollectionid, companyid, groupid, repositoryid, folderid, name, title, version, size_) VALUES
  (100, 0, 20097, 5, 5, 0, '401', 'one.txt', '1.1', 11), (101, 0, 20097, 5, 5, 20, '402', 'two.txt', '1.0', 22),
  (101, 7, 20097, 5, 5, 3, '402', 'two moved.txt', '1.1', 33), (102, 0, 20097, 5, 50, 0, '1000', 'other repository', '1.0', 1);
CREATE TABLE dlfileversion (fileversionid bigint, ctcollectionid bigint, fileentryid bigint, companyid bigint, groupid bigint, repositoryid bigint, folderid bigint, filename text, mimetype text, title text, version text, storeuuid text, size_ bigint, checksum text, status int, createdate timestamp, modifieddate timestamp, PRIMARY KEY (fileversionid, ctcollectionid));
INSERT INTO dlfileversion (fileversionid, ctcollectionid, fileentryid, companyid, repositoryid, folderid, version, storeuuid, size_) VALUES
  (200, 0, 100, 20097, 5, 0, '1.0', NULL, 11), (201, 0, 100, 20097, 5, 0, '1.1', 'aaaa-bbbb', 12), (202, 0, 101, 20097, 5, 999, '1.0', '', 22),
  (203, 7, 101, 20097, 5, 3, '1.1', NULL, 33), (204, 7, 100, 20097, 5, 0, '1.2', NULL, 1), (205, 0, 102, 20097, 5, 0, '1.0', NULL, 1),
  (206, 0, 999, 20097, 5, 0, '1.0', NULL, 5);

CREATE TABLE image (imageid bigint PRIMARY KEY, ctcollectionid bigint, companyid bigint, type_ text, height int, width int, size_ int, modifieddate timestamp);
INSERT INTO image VALUES (30, 0, 20097, 'png', 1, 2, 3, NULL), (4, 0, 20097, 'jpg', 1, 2, 3, NULL), (5, 0, 9, 'gif', NULL, NULL, NULL, NULL);

CREATE TABLE lpartition_2."DLFileEntry" ("fileEntryId" bigint PRIMARY KEY, "companyId" bigint, "groupId" bigint, "repositoryId" bigint, "folderId" bigint, "name" text, "size_" bigint);
INSERT INTO lpartition_2."DLFileEntry" VALUES (50, 9, 6, 6, 0, '7', 1);
CREATE TABLE lpartition_2."DLFileVersion" ("fileVersionId" bigint PRIMARY KEY, "fileEntryId" bigint, "companyId" bigint, "version" text, "size_" bigint);
INSERT INTO lpartition_2."DLFileVersion" VALUES (51, 50, 9, '1.0', 1);
-- Of another application, which happens to have the name.
CREATE TABLE lpartition_2.image (id int, imageid text);
`;
