import { paginateDescribeDBClusters, paginateDescribeDBInstances, type RDSClient } from '@aws-sdk/client-rds';
import { LcbError } from '@lcb/core';
import { ask } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';
import { isHostOfCluster, isHostOfInstance } from './match-host.ts';

const pageSize = 100;

/**
 * The instance or cluster that a database URL's host belongs to. The endpoint of one instance of a cluster means the cluster: RDS
 * takes no snapshot of the instance alone.
 *
 * @throws LcbError `rds.databaseNotFound` where none has this host, `aws.accessDenied` where RDS may not be asked
 */
export async function findDatabase(client: RDSClient, host: string): Promise<DatabaseSource> {
  const found = (await findCluster(client, host)) ?? (await findInstance(client, host));
  if (found !== undefined) return found;
  const region = await client.config.region();
  throw new LcbError({
    code: 'rds.databaseNotFound',
    message: `No DB instance and no cluster in ${region} has the endpoint ${JSON.stringify(host)}. Name the endpoint that RDS shows (no alias of your own), and check region and account.`,
  });
}

function findCluster(client: RDSClient, host: string): Promise<DatabaseSource | undefined> {
  return ask(`rds:DescribeDBClusters, looking for ${host}`, async () => {
    for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client, pageSize }, {})) {
      const id = DBClusters.find((cluster) => isHostOfCluster(cluster, host))?.DBClusterIdentifier;
      if (id !== undefined) return { kind: 'cluster', id };
    }
    return undefined;
  });
}

function findInstance(client: RDSClient, host: string): Promise<DatabaseSource | undefined> {
  return ask(`rds:DescribeDBInstances, looking for ${host}`, async () => {
    for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client, pageSize }, {})) {
      const instance = DBInstances.find((each) => isHostOfInstance(each, host));
      if (instance?.DBClusterIdentifier !== undefined && instance.DBClusterIdentifier !== '')
        return { kind: 'cluster', id: instance.DBClusterIdentifier };
      if (instance?.DBInstanceIdentifier !== undefined)
        return { kind: 'instance', id: instance.DBInstanceIdentifier };
    }
    return undefined;
  });
}
