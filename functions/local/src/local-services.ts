import { InvalidRequestError, type Secrets } from '@lcb/core';
import { mysqlEngine, postgresqlEngine } from '@lcb/database-dump';
import { toolsFor } from '@lcb/embedded-postgres';
import { fileSystemStore, type LocalServices } from '@lcb/provider-local';

/** Stores and engines that this provider has; the same in the service's process and in a job's. */
export function localServices(secrets: Secrets): LocalServices {
  const mysql = mysqlEngine();
  const postgresql = postgresqlEngine({ clientTools: toolsFor });
  return {
    secrets,
    openStore(location) {
      if (location.startsWith('file://')) return fileSystemStore(location);
      throw new InvalidRequestError(
        `${location} is no location that the local provider can open. Use file:///path/to/folder.`,
      );
    },
    engineOf: (engine) => (engine === 'postgresql' ? postgresql : mysql),
  };
}
