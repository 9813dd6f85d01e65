import {
  type DBClusterSnapshot,
  type DBSnapshot,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  type RDSClient,
  type Tag,
} from '@aws-sdk/client-rds';
import { askIfThere } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';
import { type RdsSnapshot, rdsSnapshotSchema } from './snapshot.ts';

/** A snapshot at RDS, of either kind. */
export interface FoundSnapshot {
  readonly id: string;
  readonly arn: string;
  readonly status: string;
  /** 0 to 100. */
  readonly percent: number;
  readonly tags: readonly Tag[];
  readonly snapshot: RdsSnapshot;
}

/** `undefined` where there is no such snapshot (any more). */
export async function describeSnapshot(
  client: RDSClient,
  kind: DatabaseSource['kind'],
  id: string,
): Promise<FoundSnapshot | undefined> {
  if (kind === 'cluster') {
    const answer = await askIfThere(`rds:DescribeDBClusterSnapshots of ${id}`, () =>
      client.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id })),
    );
    const found = answer?.DBClusterSnapshots?.[0];
    return found === undefined ? undefined : foundClusterSnapshot(found);
  }
  const answer = await askIfThere(`rds:DescribeDBSnapshots of ${id}`, () =>
    client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id })),
  );
  const found = answer?.DBSnapshots?.[0];
  return found === undefined ? undefined : foundInstanceSnapshot(found);
}

export function foundInstanceSnapshot(found: DBSnapshot): FoundSnapshot {
  return describe('instance', found, {
    id: found.DBSnapshotIdentifier,
    arn: found.DBSnapshotArn,
    source: found.DBInstanceIdentifier,
    encrypted: found.Encrypted,
  });
}

export function foundClusterSnapshot(found: DBClusterSnapshot): FoundSnapshot {
  return describe('cluster', found, {
    id: found.DBClusterSnapshotIdentifier,
    arn: found.DBClusterSnapshotArn,
    source: found.DBClusterIdentifier,
    encrypted: found.StorageEncrypted,
  });
}

function describe(
  kind: DatabaseSource['kind'],
  found: DBSnapshot | DBClusterSnapshot,
  named: { readonly [name in 'id' | 'arn' | 'source']: string | undefined } & {
    readonly encrypted: boolean | undefined;
  },
): FoundSnapshot {
  const { Status = 'unknown', PercentProgress = 0, TagList = [], KmsKeyId, SnapshotCreateTime } = found;
  const snapshot = rdsSnapshotSchema.parse({
    kind,
    id: named.id,
    arn: named.arn,
    source: named.source,
    engine: found.Engine,
    engineVersion: found.EngineVersion ?? '',
    allocatedGibibytes: found.AllocatedStorage ?? 0,
    encrypted: named.encrypted ?? false,
    ...(KmsKeyId === undefined || KmsKeyId === '' ? {} : { kmsKeyId: KmsKeyId }),
    ...(SnapshotCreateTime === undefined ? {} : { dataTime: SnapshotCreateTime.toISOString() }),
  });
  return {
    id: snapshot.id,
    arn: snapshot.arn,
    status: Status,
    percent: PercentProgress,
    tags: TagList,
    snapshot,
  };
}
