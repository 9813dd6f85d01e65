import {
  environmentSearchSchema,
  type Json,
  jsonSchema,
  type Operation,
  type OperationHandle,
  type SearchEngine,
  type SearchProgress,
  searchSnapshotSchema,
  searchTargetSchema,
} from '@lcb/core';
import { z } from 'zod';

const scheme = 'search:';

/** All that it takes to ask for the operation, so that any process can: places and secrets by reference. */
const searchOperationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), source: environmentSearchSchema, snapshot: z.string() }),
  z.object({ kind: z.literal('restore'), target: searchTargetSchema, snapshot: searchSnapshotSchema }),
]);
type SearchOperation = z.infer<typeof searchOperationSchema>;

export function searchHandle(operation: SearchOperation): OperationHandle {
  return { operationId: scheme + JSON.stringify(operation) };
}

/** `undefined` for a handle of something else. */
export async function searchStatus(
  engine: SearchEngine,
  { operationId }: OperationHandle,
): Promise<Operation | undefined> {
  if (!operationId.startsWith(scheme)) return undefined;
  const operation = searchOperationSchema.parse(JSON.parse(operationId.slice(scheme.length)));
  return asOperation(
    operationId,
    operation.kind === 'snapshot'
      ? await engine.snapshotProgress(operation.source, operation.snapshot)
      : await engine.restoreProgress(operation.target, operation.snapshot),
  );
}

function asOperation(operationId: string, progress: SearchProgress<unknown>): Operation {
  switch (progress.state) {
    case 'InProgress':
      return { ...progress, operationId };
    case 'Succeeded': {
      const result: Json = jsonSchema.parse(progress.result);
      return { state: 'Succeeded', operationId, result };
    }
    case 'Failed':
      return { state: 'Failed', operationId, error: { ...progress.error } };
    case 'NotFound':
      return { state: 'NotFound', operationId };
  }
}
