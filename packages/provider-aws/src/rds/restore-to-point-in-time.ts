import {
  type RDSClient,
  RestoreDBClusterToPointInTimeCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import type { OperationHandle } from '@lcb/core';
import { askUnlessThere } from './ask.ts';
import { assertOwnTarget } from './assert-own-target.ts';
import type { DatabaseSource } from './database-source.ts';
import { operationId } from './operation-id.ts';
import { assertInWindow, restorableWindow } from './restorable-window.ts';
import { placeOf, type RestoreTarget } from './restore-target.ts';
import { tagsOf } from './tags.ts';
import { clusterInput, instanceInput } from './target-input.ts';

export interface PointInTimeRequest {
  readonly source: DatabaseSource;
  /** RFC 3339, UTC. RDS restores to the second. */
  readonly time: string;
  /** Its settings are of the same kind as the source. */
  readonly target: RestoreTarget;
}

/**
 * Begins a restore of the source, as it was at a moment, into a new instance or cluster. May be repeated, and is asked, as
 * `restoreFromSnapshot`.
 *
 * @throws LcbError `rds.outsideWindow` with the window, `rds.pointInTimeNotEnabled`, `rds.targetForeign`, and those of `rdsError`
 */
export async function restoreToPointInTime(
  client: RDSClient,
  { source, time, target }: PointInTimeRequest,
): Promise<OperationHandle> {
  assertInWindow(source, await restorableWindow(client, source), time);
  const { id, settings, marks } = target;
  const what = `${id} from ${source.id} at ${time}`;
  const moment = new Date(time);
  const begun =
    settings.kind === 'cluster'
      ? await askUnlessThere(`rds:RestoreDBClusterToPointInTime, ${what}`, () =>
          client.send(
            new RestoreDBClusterToPointInTimeCommand({
              DBClusterIdentifier: id,
              SourceDBClusterIdentifier: source.id,
              RestoreToTime: moment,
              ...clusterInput(settings, tagsOf(marks)),
            }),
          ),
        )
      : await askUnlessThere(`rds:RestoreDBInstanceToPointInTime, ${what}`, () =>
          client.send(
            new RestoreDBInstanceToPointInTimeCommand({
              TargetDBInstanceIdentifier: id,
              SourceDBInstanceIdentifier: source.id,
              RestoreTime: moment,
              ...instanceInput(settings, tagsOf(marks)),
            }),
          ),
        );
  if (begun === undefined) await assertOwnTarget(client, placeOf(target), marks);
  return { operationId: operationId({ work: 'restore', ...placeOf(target) }) };
}
