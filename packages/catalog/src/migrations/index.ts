import type { Migration } from 'kysely/migration';
import { up as runs } from './0001-runs.ts';
import { up as leases } from './0002-leases.ts';
import { up as outbox } from './0003-outbox.ts';
import { up as audit } from './0004-audit.ts';
import { up as results } from './0005-results.ts';
import { up as hooks } from './0006-hooks.ts';
import { up as copies } from './0007-copies.ts';
import { up as keptBackups } from './0008-kept-backups.ts';
import { up as sweeps } from './0009-sweeps.ts';
import { up as verifications } from './0010-verifications.ts';

/**
 * Every migration by its name, in the order of the names. What was released is never edited, only followed by another
 * number; there is no way down, since a backup of the catalog is the way back.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-runs': { up: runs },
  '0002-leases': { up: leases },
  '0003-outbox': { up: outbox },
  '0004-audit': { up: audit },
  '0005-results': { up: results },
  '0006-hooks': { up: hooks },
  '0007-copies': { up: copies },
  '0008-kept-backups': { up: keptBackups },
  '0009-sweeps': { up: sweeps },
  '0010-verifications': { up: verifications },
};
