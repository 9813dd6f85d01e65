import type { Capabilities } from '@lcb/core';

/** The local column of the capability matrix (requirements 7.2): what a plain machine with folders and buckets can do. */
export const localCapabilities: Capabilities = {
  databaseSnapshot: {
    supported: false,
    reason: 'A database on a plain machine has no snapshots of a provider. Back it up with a dump instead.',
  },
  databasePointInTime: {
    supported: false,
    reason:
      'A database on a plain machine can not be restored to a point in time by this service. Restore the backup that lies nearest before it, and schedule backups more often.',
  },
  databaseDump: { supported: true, by: "The database's own tools (pg_dump, pg_restore) as child processes" },
  objectVersioning: {
    supported: false,
    reason:
      'A library is copied as it is when it is listed, from folders and buckets alike: earlier versions of objects are not read back as of the moment of the database. Every backup reports what it missed.',
  },
  objectCopy: {
    supported: true,
    by: 'Copies by the server between buckets of one server and account; streams between all others, hashed on the way',
  },
  objectLifecycle: {
    supported: false,
    reason:
      'No lifecycle rules are set, neither for folders nor for buckets. Let a rule of a bucket remove incomplete uploads, and nothing else: it would break backups.',
  },
  searchSnapshot: {
    supported: false,
    reason:
      'The search index is not backed up on a plain machine. Run a full reindex in Liferay after the restore.',
  },
  managedIdentity: {
    supported: false,
    reason:
      'A plain machine gives no identity to a process. Name credentials by reference: env:NAME or file:path.',
  },
  encryption: {
    supported: false,
    reason:
      'Neither folders nor buckets are encrypted by the service. Put the backup location on an encrypted disk (LUKS, FileVault), or give the bucket a default encryption.',
  },
};
