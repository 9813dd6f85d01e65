import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { versitygwProgram } from '../support/s3-programs.ts';
import { describeMatrix } from './describe-matrix.ts';

const withServers = await requireOrSkip('versitygw', versitygwProgram);

withServers('a database on PostgreSQL', () => describeMatrix('postgresql'));
