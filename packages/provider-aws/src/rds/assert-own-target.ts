import type { RDSClient } from '@aws-sdk/client-rds';
import { LcbError } from '@lcb/core';
import type { DatabaseSource } from './database-source.ts';
import { describeCluster, describeInstance } from './read-settings.ts';
import { isMarkedBy, type Marks } from './tags.ts';

/** Refuses a target that is there and that this run did not make. @throws LcbError `rds.targetForeign` */
export async function assertOwnTarget(
  client: RDSClient,
  { kind, id }: DatabaseSource,
  marks: Marks,
): Promise<void> {
  const found = kind === 'cluster' ? await describeCluster(client, id) : await describeInstance(client, id);
  if (isMarkedBy(found?.TagList, marks)) return;
  throw new LcbError({
    code: 'rds.targetForeign',
    message: `There is a database ${kind} ${id} already, and this restore did not make it. Nothing was changed. Choose another name for the target.`,
  });
}
