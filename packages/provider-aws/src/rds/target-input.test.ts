import { expect, it } from 'vitest';
import type { InstanceSettings } from './settings.ts';
import { instanceInput } from './target-input.ts';

const settings: InstanceSettings = {
  kind: 'instance',
  engine: 'postgres',
  class: 'db.m6g.large',
  securityGroups: ['sg-1'],
  logExports: [],
  deletionProtection: true,
  iamAuthentication: true,
  multiAz: true,
  publiclyAccessible: false,
  iops: 3000,
  throughput: 125,
};

it.each([
  ['gp3', 50, undefined, undefined],
  ['gp3', 400, 3000, 125],
  ['io2', 100, 3000, undefined],
  ['gp2', 500, undefined, undefined],
])(
  'of %s with %i GiB names only the IOPS and throughput that RDS takes',
  (storageType, allocatedGibibytes, Iops, StorageThroughput) => {
    const input = instanceInput({ ...settings, storageType, allocatedGibibytes }, []);
    expect(input).toMatchObject({ Iops, StorageThroughput, StorageType: storageType });
  },
);

it('carries what RDS would leave out, and no empty lists', () => {
  expect(instanceInput(settings, [{ Key: 'lcb:run', Value: 'x' }])).toMatchObject({
    VpcSecurityGroupIds: ['sg-1'],
    EnableCloudwatchLogsExports: undefined,
    DeletionProtection: true,
    EnableIAMDatabaseAuthentication: true,
    MultiAZ: true,
    Tags: [{ Key: 'lcb:run', Value: 'x' }],
  });
});
