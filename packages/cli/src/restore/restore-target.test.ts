import { type Backup, backupSchema, environmentSchema, type Unit } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { restoreTarget, type TargetOptions } from './restore-target.ts';
import { unitsToRestore } from './restore-units.ts';

const source = environmentSchema.parse({
  projectId: 'retail',
  environment: 'prd',
  database: { engine: 'postgresql', url: 'postgres://liferay@db:5432/lportal', secret: 'env:PW' },
  documentLibrary: { location: 'file:///srv/library' },
  backups: { location: 'file:///srv/backups' },
});

const time = '2025-11-09T14:30:00.000Z';

function backup(change: Partial<Backup> = {}): Backup {
  return backupSchema.parse({
    kind: 'backup',
    runId: 'retail-prd-backup-20251109-143000',
    projectId: 'retail',
    environment: 'prd',
    state: 'Succeeded',
    units: {
      database: { state: 'Succeeded', usable: true },
      documentLibrary: { state: 'Succeeded', usable: true },
    },
    epoch: 1,
    cancelRequested: false,
    requestedAt: time,
    request: {
      kind: 'backup',
      requestId: 'r',
      projectId: 'retail',
      environment: 'prd',
      initiator: 'jane',
      requestedAt: time,
      correlationId: 'c',
      units: ['database', 'documentLibrary'],
      source,
    },
    sealed: {
      manifestSha256: 'x',
      attempt: 1,
      sealedAt: time,
      dataTime: { from: time, to: time },
      base: null,
    },
    ...change,
  });
}

function target(
  options: TargetOptions,
  units: readonly Unit[] = ['database', 'documentLibrary'],
  declared = [source],
) {
  return restoreTarget({ backup: backup(), units, declared, options, workingDirectory: '/home/jane' });
}

describe('restoreTarget', () => {
  it('is derived from the source', () => {
    expect(target({ targetEnvironment: 'copy-1' })).toEqual({
      environment: 'copy-1',
      database: { engine: 'postgresql', url: 'postgres://liferay@db:5432/lportal_copy_1', secret: 'env:PW' },
      documentLibrary: { location: 'file:///srv/library-copy-1' },
    });
  });

  it('is what the options say, with the secret of the source only where the login is the same', () => {
    const options = { targetEnvironment: 'copy', targetLibrary: 'here/library' };
    expect(target({ ...options, targetDatabase: 'postgres://liferay@db/other' })).toEqual({
      environment: 'copy',
      database: { engine: 'postgresql', url: 'postgres://liferay@db/other', secret: 'env:PW' },
      documentLibrary: { location: 'file:///home/jane/here/library' },
    });
    const elsewhere = 'postgres://liferay@elsewhere/other';
    expect(target({ ...options, targetDatabase: elsewhere }).database).toEqual({
      engine: 'postgresql',
      url: elsewhere,
    });
    expect(target({ ...options, targetDatabase: elsewhere, targetSecret: 'env:X' }).database?.secret).toBe(
      'env:X',
    );
  });

  it('is what lcb.yaml declares', () => {
    const uat = {
      ...source,
      environment: 'uat',
      documentLibrary: { location: 'file:///uat', excludeGeneratedFiles: true },
    };
    expect(target({ targetEnvironment: 'uat' }, undefined, [source, uat])).toEqual({
      environment: 'uat',
      database: { engine: 'postgresql', url: 'postgres://liferay@db:5432/lportal', secret: 'env:PW' },
      documentLibrary: { location: 'file:///uat' },
    });
    expect(() => target({ targetEnvironment: 'uat', targetLibrary: '/x' }, undefined, [uat])).toThrow(
      'lcb.yaml declares the environment uat, and so its library. Leave the option out, or name another environment.',
    );
    const { database: _database, ...without } = uat;
    expect(() => target({ targetEnvironment: 'uat' }, undefined, [without])).toThrow(
      'lcb.yaml declares no database for retail/uat',
    );
  });

  it('has only what is restored', () => {
    expect(target({ targetEnvironment: 'copy' }, ['documentLibrary'])).toEqual({
      environment: 'copy',
      documentLibrary: { location: 'file:///srv/library-copy' },
    });
  });

  it('lies beside the source in its bucket, but not beside a bucket', () => {
    const inBucket = (location: string) => {
      const { request, ...rest } = backup();
      const source = { ...request.source, documentLibrary: { location, excludeGeneratedFiles: false } };
      return restoreTarget({
        backup: { ...rest, request: { ...request, source } },
        units: ['documentLibrary'],
        declared: [],
        options: { targetEnvironment: 'copy' },
        workingDirectory: '/work',
      });
    };
    expect(inBucket('s3://acme/library').documentLibrary).toEqual({ location: 's3://acme/library-copy' });
    expect(() => inBucket('s3://acme')).toThrow('--target-library');
  });

  it('refuses a password, a bucket of another cloud and too long a name', () => {
    const environment = { targetEnvironment: 'copy' };
    expect(() => target({ ...environment, targetDatabase: 'postgres://a:hunter2@b/c' })).toThrow(
      '--target-database carries a password; take it out, and name it with --target-secret.',
    );
    expect(() => target({ ...environment, targetLibrary: 'gs://x' })).toThrow(
      '--target-library must be a folder or a bucket: a path, relative to this folder',
    );
    expect(() => target({ targetEnvironment: 'x'.repeat(60) })).toThrow('Name one with --target-database.');
  });
});

describe('unitsToRestore', () => {
  it('is all of a good backup, or what was named', () => {
    expect(unitsToRestore(backup(), undefined)).toEqual(['database', 'documentLibrary']);
    expect(unitsToRestore(backup(), ['database'])).toEqual(['database']);
  });

  it('is never a part of a failed one unless it was named', () => {
    const units = {
      database: { state: 'Failed', usable: false },
      documentLibrary: { state: 'Succeeded', usable: true },
    } as const;
    const failed = backup({ state: 'Failed', units });
    expect(() => unitsToRestore(failed, undefined)).toThrow(
      'only its documentLibrary is usable. To restore that alone, say --units documentLibrary.',
    );
    expect(unitsToRestore(failed, ['documentLibrary'])).toEqual(['documentLibrary']);
    expect(() => unitsToRestore(failed, ['database'])).toThrow('only documentLibrary can be restored');
  });

  it('is nothing of one that has not ended, was not sealed, or was deleted', () => {
    expect(() => unitsToRestore(backup({ state: 'InProgress' }), undefined)).toThrow(
      'is InProgress. Wait until it has ended.',
    );
    expect(() => unitsToRestore(backup({ state: 'Failed', sealed: undefined }), undefined)).toThrow(
      'nothing of it is usable',
    );
    expect(() => unitsToRestore(backup({ deletedAt: time }), undefined)).toThrow('was deleted');
  });
});
