import { CreateDBInstanceCommand, type RDSClient } from '@aws-sdk/client-rds';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import {
  copySnapshot,
  createSnapshot,
  rdsSnapshotSchema,
  readSettings,
  restoreFromSnapshot,
  restoreStatus,
  restoreToPointInTime,
  shareSnapshot,
  snapshotStatus,
} from '@lcb/provider-aws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { marksOf, rdsClient, snapshotRequest } from '../support/rds-fixture.ts';
import { motoProgram } from '../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const withMoto = await requireOrSkip('moto', motoProgram);

withMoto('restores, points in time, copies and shares of an RDS instance', () => {
  const source = { kind: 'instance', id: 'acme-prd' } as const;
  let server: S3Server;
  let client: RDSClient;

  beforeAll(async () => {
    server = await startS3Server('moto');
    client = rdsClient(server.endpoint);
    await client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: source.id,
        DBInstanceClass: 'db.t4g.medium',
        Engine: 'postgres',
        AllocatedStorage: 50,
        MasterUsername: 'liferay',
        MasterUserPassword: 'not-a-secret-1',
        BackupRetentionPeriod: 7,
      }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  it('restores to a moment within the window, and says the window for one outside it', async () => {
    const settings = await readSettings(client, source);
    if (settings === undefined) throw new Error('no settings');
    const target = { id: 'acme-then', settings, marks: marksOf('acme-prd-restore-20251110-143000') };
    const later = new Date(Date.now() + 86_400_000).toISOString();
    await expect(restoreToPointInTime(client, { source, time: later, target })).rejects.toMatchObject({
      code: 'rds.outsideWindow',
      message: expect.stringMatching(/to \d{4}-\d\d-\d\dT/),
    });
    const time = new Date(Date.now() - 3_600_000).toISOString();
    await restoreToPointInTime(client, { source, time, target });
    await restoreToPointInTime(client, { source, time, target });
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'Succeeded' });
  });

  it('restores a snapshot with the settings of its source, and refuses a target that it did not make', async () => {
    const settings = await readSettings(client, source);
    if (settings === undefined) throw new Error('no settings');
    const request = snapshotRequest(source.id, 'acme-prd-backup-20251109-150000');
    const taken = await snapshotStatus(client, await createSnapshot(client, request));
    if (taken.state !== 'Succeeded') throw new Error(taken.state);
    const snapshot = rdsSnapshotSchema.parse(taken.result);
    const target = { id: 'acme-back', settings, marks: marksOf('acme-prd-restore-20251110-150000') };
    const handle = await restoreFromSnapshot(client, { snapshot, target });
    expect(await restoreFromSnapshot(client, { snapshot, target })).toEqual(handle);
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'Succeeded' });
    expect(await readSettings(client, { kind: 'instance', id: target.id })).toMatchObject({
      class: 'db.t4g.medium',
      allocatedGibibytes: 50,
    });
    const other = { ...target, marks: marksOf('acme-prd-restore-20251111-150000') };
    await expect(restoreFromSnapshot(client, { snapshot, target: other })).rejects.toMatchObject({
      code: 'rds.targetForeign',
    });
  });

  it('copies a snapshot under another name and shares it with an account', async () => {
    const backupId = 'acme-prd-backup-20251109-143000';
    const taken = await snapshotStatus(
      client,
      await createSnapshot(client, snapshotRequest(source.id, backupId)),
    );
    if (taken.state !== 'Succeeded') throw new Error(taken.state);
    const snapshot = rdsSnapshotSchema.parse(taken.result);
    const copy = {
      snapshot,
      sourceRegion: 'us-east-1',
      id: 'acme-copy',
      marks: marksOf('acme-prd-copy-20251110-143000'),
    };
    const handle = await copySnapshot(client, copy);
    expect(await copySnapshot(client, copy)).toEqual(handle);
    expect(await snapshotStatus(client, handle)).toMatchObject({ state: 'Succeeded' });
    await shareSnapshot(client, { kind: 'instance', id: 'acme-copy' }, '111122223333');
    await expect(shareSnapshot(client, snapshot, 'all')).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
