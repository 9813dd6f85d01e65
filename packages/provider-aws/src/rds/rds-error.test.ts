import { LcbError } from '@lcb/core';
import { expect, it } from 'vitest';
import { rdsError } from './rds-error.ts';

function thrownBy(name: string, fields: object = {}): LcbError {
  const error = rdsError('rds:Test', Object.assign(new Error('as told'), { name }, fields));
  if (!LcbError.isInstance(error)) throw new Error('not one of ours');
  return error;
}

it.each([
  ['Throttling', 'aws.throttled', true],
  ['ThrottlingException', 'aws.throttled', true],
  ['RequestLimitExceeded', 'aws.throttled', true],
  ['AccessDenied', 'aws.accessDenied', false],
  ['AccessDeniedException', 'aws.accessDenied', false],
  ['ExpiredToken', 'aws.credentialsExpired', false],
  ['ExpiredTokenException', 'aws.credentialsExpired', false],
  ['InternalFailure', 'aws.unavailable', true],
  ['DBSnapshotAlreadyExists', 'rds.alreadyExists', false],
  ['DBSnapshotAlreadyExistsFault', 'rds.alreadyExists', false],
  ['DBClusterNotFoundFault', 'rds.notFound', false],
  ['SnapshotQuotaExceeded', 'rds.snapshotQuota', false],
  ['InstanceQuotaExceededFault', 'rds.quota', false],
  ['StorageQuotaExceeded', 'rds.storageQuota', false],
  ['InvalidDBInstanceState', 'rds.invalidState', true],
  ['InvalidDBClusterSnapshotStateFault', 'rds.invalidState', true],
  ['InvalidVPCNetworkStateFault', 'rds.networkInvalid', false],
  ['KMSKeyNotAccessibleFault', 'rds.kmsKeyNotAccessible', false],
  ['PointInTimeRestoreNotEnabled', 'rds.pointInTimeNotEnabled', false],
  ['InsufficientDBInstanceCapacity', 'rds.insufficientCapacity', true],
  ['constructor', 'rds.failed', false],
])('%s is %s', (name, code, retryable) => {
  expect(thrownBy(name).toRecord()).toMatchObject({ code, retryable });
});

it('tells a network that is down from a refusal', () => {
  expect(thrownBy('Error', { code: 'ECONNREFUSED' })).toMatchObject({
    code: 'aws.unavailable',
    retryable: true,
  });
  expect(thrownBy('Odd', { $metadata: { httpStatusCode: 503 } }).retryable).toBe(true);
});
