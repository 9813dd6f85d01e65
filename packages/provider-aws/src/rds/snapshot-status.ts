import type { RDSClient } from '@aws-sdk/client-rds';
import { LcbError, type Operation, type OperationHandle } from '@lcb/core';
import { describeSnapshot } from './describe-snapshot.ts';
import { parseOperationId } from './operation-id.ts';
import type { RdsSnapshot } from './snapshot.ts';

const gibibyte = 2 ** 30;
const running = new Set(['creating', 'copying', 'pending', 'modifying']);

/** How a snapshot is doing, whichever process began it. Its result is an {@link RdsSnapshot}. */
export async function snapshotStatus(client: RDSClient, handle: OperationHandle): Promise<Operation> {
  const { operationId } = handle;
  const { kind, id } = parseOperationId(operationId);
  const found = await describeSnapshot(client, kind, id);
  if (found === undefined) return { state: 'NotFound', operationId };
  const { status, percent, snapshot } = found;
  if (status === 'available') {
    const result: RdsSnapshot = snapshot;
    return { state: 'Succeeded', operationId, result };
  }
  if (running.has(status)) {
    const expectedBytes = snapshot.allocatedGibibytes * gibibyte;
    return {
      state: 'InProgress',
      operationId,
      processedBytes: Math.floor((expectedBytes * Math.min(100, percent)) / 100),
      expectedBytes,
    };
  }
  const error = new LcbError({
    code: 'rds.snapshotFailed',
    message: `The snapshot ${id} of ${snapshot.source} is ${JSON.stringify(status)}. The events of the database in RDS say why.`,
    // A later attempt takes a new one.
    retryable: status === 'failed',
  });
  return { state: 'Failed', operationId, error: error.toRecord() };
}
