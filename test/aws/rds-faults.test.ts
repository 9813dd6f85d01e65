import type { RDSClient } from '@aws-sdk/client-rds';
import {
  createSnapshot,
  findDatabase,
  type RdsSettings,
  restoreFromSnapshot,
  restoreStatus,
} from '@lcb/provider-aws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RdsFake, startRdsFake } from '../support/rds-fake.ts';
import { marksOf, rdsClient, snapshotRequest } from '../support/rds-fixture.ts';

const settings: RdsSettings = {
  kind: 'cluster',
  engine: 'aurora-postgresql',
  securityGroups: ['sg-1'],
  logExports: ['postgresql'],
  deletionProtection: true,
  iamAuthentication: false,
  serverless: { min: 0.5, max: 4 },
  members: [{ class: 'db.serverless', publiclyAccessible: false }],
};
const snapshot = {
  kind: 'cluster',
  id: 'taken',
  engine: 'aurora-postgresql',
  engineVersion: '16.4',
} as const;
const target = { id: 'back', settings, marks: marksOf('acme-prd-restore-20251110-143000') };

describe('RDS on a bad day', () => {
  let fake: RdsFake;
  let client: RDSClient;

  beforeEach(async () => {
    fake = await startRdsFake();
    client = rdsClient(fake.endpoint);
  });
  afterEach(async () => {
    client.destroy();
    await fake.stop();
  });

  it.each([
    ['Throttling', 400, 'aws.throttled', true],
    ['AccessDenied', 403, 'aws.accessDenied', false],
    ['ExpiredToken', 403, 'aws.credentialsExpired', false],
    ['SnapshotQuotaExceeded', 400, 'rds.snapshotQuota', false],
    ['InvalidDBInstanceState', 400, 'rds.invalidState', true],
  ])('says what %s means', async (code, status, ours, retryable) => {
    fake.answer('CreateDBSnapshot', ...Array.from({ length: 5 }, () => ({ status, code })));
    const request = snapshotRequest('acme-prd', 'acme-prd-backup-20251109-143000');
    await expect(createSnapshot(client, request)).rejects.toMatchObject({ code: ours, retryable });
  });

  it.each([
    ['Action=CopyEverything', 'no action'],
    ['Action=CreateDBSnapshot&DBSnapshotIdentifier=a', 'DBInstanceIdentifier is missing'],
    ['Action=DescribeDBInstances&Colour=red', 'Colour is not known'],
    ['Action=DescribeDBInstances&MaxRecords=many', 'MaxRecords is no integer'],
    ['Action=DescribeDBInstances', 'was not expected'],
  ])('is strict: %s', async (body, problem) => {
    const response = await fetch(fake.endpoint, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(problem);
  });

  it('names the permission that is missing to find a database', async () => {
    fake.answer('DescribeDBClusters', { status: 403, code: 'AccessDenied' });
    await expect(findDatabase(client, 'db.example')).rejects.toThrow('rds:DescribeDBClusters');
  });

  it('goes on with a cluster that was begun, and gives it its instances once it is available', async () => {
    const tag = (key: string, value: string) => `<Tag><Key>lcb:${key}</Key><Value>${value}</Value></Tag>`;
    const tags = [tag('run', target.marks.runId), tag('project', 'acme'), tag('environment', 'prd')].join('');
    const cluster = (status: string) =>
      `<DBClusters><DBCluster><DBClusterIdentifier>back</DBClusterIdentifier><Status>${status}</Status><Endpoint>back.example</Endpoint><TagList>${tags}</TagList></DBCluster></DBClusters>`;
    const member = (status: string) =>
      `<DBInstance><DBInstanceIdentifier>back-1</DBInstanceIdentifier><DBInstanceStatus>${status}</DBInstanceStatus><TagList>${tags}</TagList></DBInstance>`;
    fake.answer('RestoreDBClusterFromSnapshot', { status: 400, code: 'DBClusterAlreadyExistsFault' });
    fake.answer('DescribeDBClusters', ...['creating', 'creating', 'available', 'available'].map(cluster));
    await restoreFromSnapshot(client, { snapshot, target });
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'InProgress' });
    expect(fake.asked).not.toContain('CreateDBInstance');
    fake.answer('CreateDBInstance', member('creating'), { status: 400, code: 'DBInstanceAlreadyExists' });
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'InProgress' });
    const described = `<DBInstances>${member('available')}</DBInstances>`;
    fake.answer('DescribeDBInstances', described, described);
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'Succeeded' });
  });
});
