import {
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { InvalidRequestError } from '@lcb/core';
import { ask } from './ask.ts';
import type { DatabaseSource } from './database-source.ts';

/**
 * Lets another account restore and copy a snapshot. One that is encrypted needs a customer's key which that account may use, too.
 * May be repeated.
 *
 * @param account twelve digits; never `all`, which would make it public
 */
export async function shareSnapshot(
  client: RDSClient,
  snapshot: DatabaseSource,
  account: string,
): Promise<void> {
  if (!/^\d{12}$/.test(account))
    throw new InvalidRequestError(
      `${JSON.stringify(account)} is not the id of an AWS account: twelve digits.`,
    );
  const { kind, id } = snapshot;
  const attribute = { AttributeName: 'restore', ValuesToAdd: [account] };
  if (kind === 'cluster') {
    await ask(`rds:ModifyDBClusterSnapshotAttribute of ${id}`, () =>
      client.send(
        new ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier: id, ...attribute }),
      ),
    );
    return;
  }
  await ask(`rds:ModifyDBSnapshotAttribute of ${id}`, () =>
    client.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: id, ...attribute })),
  );
}
