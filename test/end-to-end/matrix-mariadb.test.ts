import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { versitygwProgram } from '../support/s3-programs.ts';
import { describeMatrix } from './describe-matrix.ts';

const withServers = await requireOrSkip('MariaDB and versitygw', async () => {
  await findMariadb();
  await versitygwProgram();
});

withServers('a database on MariaDB', () => describeMatrix('mariadb'));
