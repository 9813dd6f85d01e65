import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { askIfThere } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';
import type { RdsSettings } from './settings.ts';
import { clusterSettings, instanceSettings } from './settings-of.ts';

export async function describeInstance(client: RDSClient, id: string): Promise<DBInstance | undefined> {
  const answer = await askIfThere(`rds:DescribeDBInstances of ${id}`, () =>
    client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })),
  );
  return answer?.DBInstances?.[0];
}

export async function describeCluster(client: RDSClient, id: string): Promise<DBCluster | undefined> {
  const answer = await askIfThere(`rds:DescribeDBClusters of ${id}`, () =>
    client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id })),
  );
  return answer?.DBClusters?.[0];
}

/** The settings of an instance or cluster as they are now; `undefined` where it is gone. */
export async function readSettings(
  client: RDSClient,
  source: DatabaseSource,
): Promise<RdsSettings | undefined> {
  if (source.kind === 'instance') {
    const instance = await describeInstance(client, source.id);
    return instance === undefined ? undefined : instanceSettings(instance);
  }
  const cluster = await describeCluster(client, source.id);
  if (cluster === undefined) return undefined;
  const members = (cluster.DBClusterMembers ?? []).toSorted(
    (a, b) => Number(b.IsClusterWriter ?? false) - Number(a.IsClusterWriter ?? false),
  );
  const instances: DBInstance[] = [];
  for (const { DBInstanceIdentifier } of members) {
    if (DBInstanceIdentifier === undefined) continue;
    const instance = await describeInstance(client, DBInstanceIdentifier);
    if (instance !== undefined) instances.push(instance);
  }
  return clusterSettings(cluster, instances);
}
