import type { RDSClient } from '@aws-sdk/client-rds';
import { LcbError, type Operation } from '@lcb/core';
import { addMembers } from './add-members.ts';
import { operationId } from './operation-id.ts';
import { describeCluster, describeInstance } from './read-settings.ts';
import { placeOf, type RestoreTarget } from './restore-target.ts';

/** What a target can't get out of by itself. Any other status passes. */
const failures =
  /^(failed|incompatible-.*|inaccessible-encryption-credentials.*|restore-error|storage-full|insufficient-capacity)$/;

interface Standing {
  readonly name: string;
  readonly status: string;
}

/**
 * How a restore is doing, whichever process began it. Its result is `{ host, port }`. Adds the instances of a cluster once it is
 * available, so it has to be asked until it says that the restore has ended.
 */
export async function restoreStatus(client: RDSClient, target: RestoreTarget): Promise<Operation> {
  const { id, settings } = target;
  const operation = operationId({ work: 'restore', ...placeOf(target) });
  if (settings.kind === 'instance') {
    const instance = await describeInstance(client, id);
    if (instance === undefined) return { state: 'NotFound', operationId: operation };
    const { DBInstanceStatus: status = 'unknown', Endpoint: endpoint } = instance;
    return progress(operation, [{ name: id, status }], endpoint?.Address, endpoint?.Port);
  }
  const cluster = await describeCluster(client, id);
  if (cluster === undefined) return { state: 'NotFound', operationId: operation };
  const { Status: status = 'unknown', Endpoint: host, Port: port } = cluster;
  const standings: Standing[] = [{ name: id, status }];
  if (status === 'available') {
    for (const member of await addMembers(client, { ...target, settings }))
      standings.push({
        name: member.DBInstanceIdentifier ?? id,
        status: member.DBInstanceStatus ?? 'unknown',
      });
  }
  return progress(operation, standings, host, port);
}

function progress(
  operation: string,
  standings: readonly Standing[],
  host: string | undefined,
  port: number | undefined,
): Operation {
  const failed = standings.find(({ status }) => failures.test(status));
  if (failed !== undefined) {
    const error = new LcbError({
      code: 'rds.restoreFailed',
      message: `${failed.name} is ${JSON.stringify(failed.status)} after the restore. Its events in RDS say why; it was left as it is.`,
    });
    return { state: 'Failed', operationId: operation, error: error.toRecord() };
  }
  const isReady = standings.every(({ status }) => status === 'available');
  if (!isReady || host === undefined) return { state: 'InProgress', operationId: operation };
  return {
    state: 'Succeeded',
    operationId: operation,
    result: { host, ...(port === undefined ? {} : { port }) },
  };
}
