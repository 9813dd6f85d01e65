import {
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBSnapshots,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { EnvironmentRef } from '@lcb/core';
import { type FoundSnapshot, foundClusterSnapshot, foundInstanceSnapshot } from './describe-snapshot.ts';
import { rdsError } from './rds-error.ts';
import { isOfEnvironment } from './tags.ts';

const pageSize = 100;
const SnapshotType = 'manual';

/** The snapshots that carry this environment's tags, whatever their status; instances' first, else in RDS's order. */
export async function* listSnapshots(
  client: RDSClient,
  environment: EnvironmentRef,
): AsyncGenerator<FoundSnapshot> {
  try {
    for await (const { DBSnapshots = [] } of paginateDescribeDBSnapshots(
      { client, pageSize },
      { SnapshotType },
    ))
      for (const found of DBSnapshots)
        if (isOfEnvironment(found.TagList, environment)) yield foundInstanceSnapshot(found);
    const pages = paginateDescribeDBClusterSnapshots({ client, pageSize }, { SnapshotType });
    for await (const { DBClusterSnapshots = [] } of pages)
      for (const found of DBClusterSnapshots)
        if (isOfEnvironment(found.TagList, environment)) yield foundClusterSnapshot(found);
  } catch (error) {
    throw rdsError('rds:DescribeDBSnapshots and rds:DescribeDBClusterSnapshots', error);
  }
}
