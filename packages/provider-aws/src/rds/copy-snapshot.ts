import { CopyDBClusterSnapshotCommand, CopyDBSnapshotCommand, type RDSClient } from '@aws-sdk/client-rds';
import { LcbError, type OperationHandle } from '@lcb/core';
import { askUnlessThere } from './ask.ts';
import { describeSnapshot } from './describe-snapshot.ts';
import { operationId } from './operation-id.ts';
import type { RdsSnapshot } from './snapshot.ts';
import { isMarkedBy, type Marks, tagsOf } from './tags.ts';

export interface SnapshotCopyRequest {
  readonly snapshot: Pick<RdsSnapshot, 'kind' | 'id' | 'arn'>;
  /** Where it lies now. */
  readonly sourceRegion: string;
  /** What the copy is called, where its own name is taken: within one region. */
  readonly id?: string;
  /** A key of the region that it goes to. Needed for an encrypted snapshot that leaves its region. */
  readonly kmsKeyId?: string;
  readonly marks: Marks;
}

/**
 * Begins a copy; asked by `snapshotStatus` with the same client. May be repeated.
 *
 * @param client of the region that the copy goes to
 * @throws LcbError `rds.snapshotForeign`, and those of `rdsError`
 */
export async function copySnapshot(
  client: RDSClient,
  request: SnapshotCopyRequest,
): Promise<OperationHandle> {
  const { snapshot, sourceRegion, kmsKeyId: KmsKeyId, marks } = request;
  const { kind, arn } = snapshot;
  const id = request.id ?? snapshot.id;
  const isSameRegion = sourceRegion === (await client.config.region());
  const common = { KmsKeyId, Tags: tagsOf(marks), ...(isSameRegion ? {} : { SourceRegion: sourceRegion }) };
  const begun =
    kind === 'cluster'
      ? await askUnlessThere(`rds:CopyDBClusterSnapshot of ${arn}`, () =>
          client.send(
            new CopyDBClusterSnapshotCommand({
              SourceDBClusterSnapshotIdentifier: arn,
              TargetDBClusterSnapshotIdentifier: id,
              ...common,
            }),
          ),
        )
      : await askUnlessThere(`rds:CopyDBSnapshot of ${arn}`, () =>
          client.send(
            new CopyDBSnapshotCommand({
              SourceDBSnapshotIdentifier: arn,
              TargetDBSnapshotIdentifier: id,
              ...common,
            }),
          ),
        );
  if (begun === undefined && !isMarkedBy((await describeSnapshot(client, kind, id))?.tags, marks)) {
    throw new LcbError({
      code: 'rds.snapshotForeign',
      message: `There is a snapshot ${id} already that is no copy of this run's. Nothing was changed.`,
    });
  }
  return { operationId: operationId({ work: 'snapshot', kind, id }) };
}
