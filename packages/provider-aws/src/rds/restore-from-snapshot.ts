import {
  type RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { InvalidRequestError, type OperationHandle } from '@lcb/core';
import { askUnlessThere } from './ask.ts';
import { assertOwnTarget } from './assert-own-target.ts';
import { operationId } from './operation-id.ts';
import { placeOf, type RestoreTarget } from './restore-target.ts';
import type { RdsSnapshot } from './snapshot.ts';
import { tagsOf } from './tags.ts';
import { clusterInput, instanceInput } from './target-input.ts';

export interface SnapshotRestoreRequest {
  /** Its id is the ARN where another account shares it. */
  readonly snapshot: Pick<RdsSnapshot, 'kind' | 'id' | 'engine' | 'engineVersion'>;
  readonly target: RestoreTarget;
}

/**
 * Begins a restore into a new instance or cluster; the master's password is the snapshot's. May be repeated: a target that carries
 * this run's tags is the answer. Ask `restoreStatus` until it is there, which also adds the instances of a cluster.
 *
 * @throws LcbError `rds.targetForeign`, and those of `rdsError`
 */
export async function restoreFromSnapshot(
  client: RDSClient,
  { snapshot, target }: SnapshotRestoreRequest,
): Promise<OperationHandle> {
  const { id, settings, marks } = target;
  if (snapshot.kind !== settings.kind) {
    throw new InvalidRequestError(
      `A snapshot of a ${snapshot.kind} can't be restored to a ${settings.kind}: name a target of the same kind.`,
    );
  }
  const what = `${id} from ${snapshot.id}`;
  const begun =
    settings.kind === 'cluster'
      ? await askUnlessThere(`rds:RestoreDBClusterFromSnapshot, ${what}`, () =>
          client.send(
            new RestoreDBClusterFromSnapshotCommand({
              DBClusterIdentifier: id,
              SnapshotIdentifier: snapshot.id,
              Engine: snapshot.engine,
              ...clusterInput(settings, tagsOf(marks)),
              ...(snapshot.engineVersion === '' ? {} : { EngineVersion: snapshot.engineVersion }),
            }),
          ),
        )
      : await askUnlessThere(`rds:RestoreDBInstanceFromDBSnapshot, ${what}`, () =>
          client.send(
            new RestoreDBInstanceFromDBSnapshotCommand({
              DBInstanceIdentifier: id,
              DBSnapshotIdentifier: snapshot.id,
              ...instanceInput(settings, tagsOf(marks)),
            }),
          ),
        );
  if (begun === undefined) await assertOwnTarget(client, placeOf(target), marks);
  return { operationId: operationId({ work: 'restore', ...placeOf(target) }) };
}
