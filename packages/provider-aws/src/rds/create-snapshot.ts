import { CreateDBClusterSnapshotCommand, CreateDBSnapshotCommand, type RDSClient } from '@aws-sdk/client-rds';
import { type EnvironmentRef, LcbError, type OperationHandle } from '@lcb/core';
import { askUnlessThere } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';
import { describeSnapshot } from './describe-snapshot.ts';
import { operationId } from './operation-id.ts';
import { snapshotName } from './snapshot-name.ts';
import { isMarkedBy, tagsOf } from './tags.ts';

export interface SnapshotRequest extends EnvironmentRef {
  readonly backupId: string;
  readonly attempt: number;
  readonly source: DatabaseSource;
  readonly initiator: string;
  /** RFC 3339, UTC. */
  readonly requestedAt: string;
}

/**
 * Begins a snapshot. May be repeated: one of that name which carries this attempt's tags is the answer.
 *
 * @throws LcbError `rds.snapshotForeign` where the name is taken by somebody else's, and those of `rdsError`
 */
export async function createSnapshot(client: RDSClient, request: SnapshotRequest): Promise<OperationHandle> {
  const { source, backupId, ...rest } = request;
  const { kind } = source;
  const id = snapshotName(request);
  const marks = { ...rest, runId: backupId };
  const Tags = tagsOf(marks);
  const what = `a snapshot of ${kind} ${source.id}`;
  const begun =
    kind === 'cluster'
      ? await askUnlessThere(`rds:CreateDBClusterSnapshot, ${what}`, () =>
          client.send(
            new CreateDBClusterSnapshotCommand({
              DBClusterIdentifier: source.id,
              DBClusterSnapshotIdentifier: id,
              Tags,
            }),
          ),
        )
      : await askUnlessThere(`rds:CreateDBSnapshot, ${what}`, () =>
          client.send(
            new CreateDBSnapshotCommand({ DBInstanceIdentifier: source.id, DBSnapshotIdentifier: id, Tags }),
          ),
        );
  if (begun === undefined) {
    const found = await describeSnapshot(client, kind, id);
    if (!isMarkedBy(found?.tags, marks) || found?.snapshot.source !== source.id) {
      throw new LcbError({
        code: 'rds.snapshotForeign',
        message: `There is a snapshot ${id} already that is not of this attempt: its tags or its source differ. Nothing was changed. Delete or rename it.`,
      });
    }
  }
  return { operationId: operationId({ work: 'snapshot', kind, id }) };
}
