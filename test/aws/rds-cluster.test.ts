import { CreateDBClusterCommand, CreateDBInstanceCommand, type RDSClient } from '@aws-sdk/client-rds';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import {
  createSnapshot,
  findDatabase,
  rdsSnapshotSchema,
  readSettings,
  restoreFromSnapshot,
  restoreStatus,
  snapshotStatus,
} from '@lcb/provider-aws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { marksOf, rdsClient, snapshotRequest } from '../support/rds-fixture.ts';
import { motoProgram } from '../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const withMoto = await requireOrSkip('moto', motoProgram);

withMoto('an Aurora cluster', () => {
  const source = { kind: 'cluster', id: 'acme-aurora' } as const;
  let server: S3Server;
  let client: RDSClient;
  let host: string;

  beforeAll(async () => {
    server = await startS3Server('moto');
    client = rdsClient(server.endpoint);
    const { DBCluster } = await client.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: source.id,
        Engine: 'aurora-postgresql',
        MasterUsername: 'liferay',
        MasterUserPassword: 'not-a-secret-1',
      }),
    );
    host = DBCluster?.ReaderEndpoint ?? '';
    await client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'acme-writer',
        DBClusterIdentifier: source.id,
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-postgresql',
      }),
    );
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  it('is found by the host of its readers, and comes back with its instances', async () => {
    expect(await findDatabase(client, host)).toEqual(source);
    const settings = await readSettings(client, source);
    if (settings?.kind !== 'cluster') throw new Error('no settings of a cluster');
    expect(settings.members.map((member) => member.class)).toEqual(['db.r6g.large']);
    const request = snapshotRequest(source.id, 'acme-prd-backup-20251109-143000', 'cluster');
    const handle = await createSnapshot(client, request);
    expect(await createSnapshot(client, request)).toEqual(handle);
    const taken = await snapshotStatus(client, handle);
    if (taken.state !== 'Succeeded') throw new Error(taken.state);
    const snapshot = rdsSnapshotSchema.parse(taken.result);

    const target = { id: 'acme-back', settings, marks: marksOf('acme-prd-restore-20251110-143000') };
    await restoreFromSnapshot(client, { snapshot, target });
    await restoreFromSnapshot(client, { snapshot, target });
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'Succeeded' });
    expect(await restoreStatus(client, target)).toMatchObject({ state: 'Succeeded' });
    const restored = await readSettings(client, { kind: 'cluster', id: target.id });
    expect(restored?.kind === 'cluster' && restored.members.map((member) => member.class)).toEqual([
      'db.r6g.large',
    ]);
  });
});
