import { DescribeDBInstanceAutomatedBackupsCommand, type RDSClient } from '@aws-sdk/client-rds';
import { LcbError, NotFoundError } from '@lcb/core';
import { askIfThere } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';
import { describeCluster, describeInstance } from './read-settings.ts';

/** Either end may be unknown: RDS then decides itself. */
export interface RestorableWindow {
  readonly earliest: Date | undefined;
  readonly latest: Date | undefined;
}

/** The moments that a database can be restored to. @throws LcbError `rds.pointInTimeNotEnabled` without automated backups */
export async function restorableWindow(client: RDSClient, source: DatabaseSource): Promise<RestorableWindow> {
  const { kind, id } = source;
  if (kind === 'cluster') {
    const cluster = withBackups(source, await describeCluster(client, id));
    return { earliest: cluster.EarliestRestorableTime, latest: cluster.LatestRestorableTime };
  }
  const instance = withBackups(source, await describeInstance(client, id));
  const answer = await askIfThere(`rds:DescribeDBInstanceAutomatedBackups of ${id}`, () =>
    client.send(new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: id })),
  );
  const window = answer?.DBInstanceAutomatedBackups?.[0]?.RestoreWindow;
  return { earliest: window?.EarliestTime, latest: instance.LatestRestorableTime ?? window?.LatestTime };
}

function withBackups<T extends { BackupRetentionPeriod?: number | undefined }>(
  { kind, id }: DatabaseSource,
  found: T | undefined,
): T {
  if (found === undefined)
    throw new NotFoundError(`There is no database ${kind} ${id}.`, 'rds.databaseNotFound');
  if (found.BackupRetentionPeriod !== 0) return found;
  throw new LcbError({
    code: 'rds.pointInTimeNotEnabled',
    message: `Automated backups of ${id} are off. Set a retention period of at least one day; from then on points in time can be restored.`,
  });
}

/** @throws LcbError `rds.outsideWindow` */
export function assertInWindow(source: DatabaseSource, window: RestorableWindow, time: string): void {
  const moment = Date.parse(time);
  const { earliest, latest } = window;
  const isEarly = earliest !== undefined && moment < earliest.getTime();
  const isLate = latest !== undefined && moment > latest.getTime();
  if (!isEarly && !isLate) return;
  const [from, to] = [earliest, latest].map((end) => end?.toISOString() ?? 'unknown');
  throw new LcbError({
    code: 'rds.outsideWindow',
    message: `${source.id} can be restored to moments from ${from} to ${to}; ${time} is ${isEarly ? 'before' : 'after'} that.`,
    // The end of the window follows the present by some minutes.
    retryable: isLate && moment <= Date.now(),
  });
}
