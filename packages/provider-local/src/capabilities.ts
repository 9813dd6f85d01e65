import type { Capabilities } from '@lcb/core';

/** The local column of the capability matrix (requirements 7.2): what a plain machine with folders can do. */
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
      'A folder keeps no earlier versions of a file. Keep the library in a bucket with versioning if files that change during a backup matter; otherwise every backup reports what it missed.',
  },
  objectCopy: { supported: true, by: 'Streams from folder to folder, hashed on the way' },
  objectLifecycle: {
    supported: false,
    reason:
      "A folder has no lifecycle rules. Use the service's own retention, which removes expired backups.",
  },
  searchSnapshot: {
    supported: true,
    by: 'Snapshots of the search cluster that an environment declares, through its REST API',
  },
  managedIdentity: {
    supported: false,
    reason:
      'A plain machine gives no identity to a process. Name credentials by reference: env:NAME or file:path.',
  },
  encryption: {
    supported: false,
    reason:
      'Folders are not encrypted by the service. Put the backup location on an encrypted disk (LUKS, FileVault).',
  },
};
