import { InvalidRequestError, type Secrets, type StoreSettings } from '@lcb/core';
import { mysqlEngine, postgresqlEngine } from '@lcb/database-dump';
import { toolsFor } from '@lcb/embedded-postgres';
import { fileSystemStore, type LocalServices } from '@lcb/provider-local';
import { openBuckets } from './open-buckets.ts';
import { defaultUploadBytes } from './settings.ts';

/** Stores and engines that this provider has; the same in the service's process and in a job's. */
export function localServices(
  secrets: Secrets,
  stores: readonly StoreSettings[],
  uploadBytes = defaultUploadBytes,
): LocalServices {
  const buckets = openBuckets(secrets, stores, uploadBytes);
  const mysql = mysqlEngine();
  const postgresql = postgresqlEngine({ clientTools: toolsFor });
  return {
    secrets,
    openStore(location) {
      if (location.startsWith('file://')) return fileSystemStore(location);
      if (location.startsWith('s3://')) return buckets(location);
      throw new InvalidRequestError(
        `${location} is no location that the local provider can open. Use file:///path/to/folder or s3://bucket/prefix.`,
      );
    },
    engineOf: (engine) => (engine === 'postgresql' ? postgresql : mysql),
  };
}
