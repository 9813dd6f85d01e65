import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { bucketWorld } from '../support/crash-worlds.ts';
import { versitygwProgram } from '../support/s3-programs.ts';
import { describeCrashes } from './describe-crashes.ts';

const withBuckets = await requireOrSkip('versitygw', versitygwProgram);

withBuckets('a service that is killed with -9, with library and backups in a bucket', () => {
  describeCrashes(bucketWorld, { extent: 'doneNotRecorded' });
});
