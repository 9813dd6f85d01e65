import { DeleteDBClusterSnapshotCommand, DeleteDBSnapshotCommand, type RDSClient } from '@aws-sdk/client-rds';
import { type EnvironmentRef, LcbError } from '@lcb/core';
import { askIfThere } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';
import { describeSnapshot } from './describe-snapshot.ts';
import { isOfEnvironment, tagValue } from './tags.ts';

/** Deletes a snapshot of this environment's backups; one that is gone is deleted. @throws LcbError `rds.snapshotForeign` */
export async function deleteSnapshot(
  client: RDSClient,
  { kind, id }: DatabaseSource,
  environment: EnvironmentRef,
): Promise<void> {
  const found = await describeSnapshot(client, kind, id);
  if (found === undefined) return;
  if (!isOfEnvironment(found.tags, environment) || tagValue(found.tags, 'run') === undefined) {
    throw new LcbError({
      code: 'rds.snapshotForeign',
      message: `The snapshot ${id} does not carry the tags of a backup of ${environment.projectId}/${environment.environment}. It is not deleted.`,
    });
  }
  if (kind === 'cluster') {
    await askIfThere(`rds:DeleteDBClusterSnapshot of ${id}`, () =>
      client.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id })),
    );
    return;
  }
  await askIfThere(`rds:DeleteDBSnapshot of ${id}`, () =>
    client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id })),
  );
}
