import { InvalidRequestError } from '@lcb/core';
import type { DatabaseSource } from './database-source.ts';

/** What an operation is about, as any process can read it from its id: `rds:snapshot:cluster:NAME`. */
export interface RdsOperation extends DatabaseSource {
  readonly work: 'snapshot' | 'restore';
}

export function operationId({ work, kind, id }: RdsOperation): string {
  return `rds:${work}:${kind}:${id}`;
}

export function parseOperationId(text: string): RdsOperation {
  const match = /^rds:(snapshot|restore):(instance|cluster):(.+)$/.exec(text);
  const [, work, kind, id] = match ?? [];
  if (
    (work === 'snapshot' || work === 'restore') &&
    (kind === 'instance' || kind === 'cluster') &&
    id !== undefined
  )
    return { work, kind, id };
  throw new InvalidRequestError(`${JSON.stringify(text)} is not the id of an operation of RDS.`);
}
