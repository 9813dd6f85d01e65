import { describe } from 'vitest';
import { folderWorld } from '../support/crash-worlds.ts';
import { describeCrashes } from './describe-crashes.ts';

describe('a service that is killed with -9, on PostgreSQL', () => {
  describeCrashes(() => folderWorld('postgresql'), { extent: 'everything' });
});
