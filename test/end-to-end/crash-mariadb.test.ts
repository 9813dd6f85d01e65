import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { folderWorld } from '../support/crash-worlds.ts';
import { describeCrashes } from './describe-crashes.ts';

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

withMariadb('a service that is killed with -9, on MariaDB', () => {
  describeCrashes(() => folderWorld('mariadb'), { extent: 'doneNotRecorded' });
});
