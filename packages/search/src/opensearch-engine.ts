import type { SearchEngine, Secrets } from '@lcb/core';
import { withClient } from './client.ts';
import { findIndices, versionOf } from './indices.ts';
import { discardRestored, occupied, restoreProgress, startRestore } from './restore-snapshot.ts';
import { deleteSnapshot, snapshotProgress, startSnapshot } from './take-snapshot.ts';

/** OpenSearch, and what speaks its REST API. */
export function openSearchEngine(secrets: Secrets): SearchEngine {
  return {
    inspect: (source) =>
      withClient(source, secrets, async (client) => ({
        version: await versionOf(client),
        ...(await findIndices(client, source.indices)),
      })),
    startSnapshot: (source, name) =>
      withClient(source, secrets, (client) => startSnapshot(client, source, name)),
    snapshotProgress: (source, name) =>
      withClient(source, secrets, (client) => snapshotProgress(client, source, name)),
    deleteSnapshot: (source, name) =>
      withClient(source, secrets, (client) => deleteSnapshot(client, source, name)),
    occupied: (target, indices) => withClient(target, secrets, (client) => occupied(client, target, indices)),
    startRestore: (target, snapshot) =>
      withClient(target, secrets, (client) => startRestore(client, target, snapshot)),
    restoreProgress: (target, snapshot) =>
      withClient(target, secrets, (client) => restoreProgress(client, target, snapshot)),
    discardRestored: (target, indices) =>
      withClient(target, secrets, (client) => discardRestored(client, target, indices)),
  };
}
