import { type Finding, openManifest, readCertificate, readFindings } from '@lcb/core';
import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { describe, expect, it } from 'vitest';
import { type DriftKind, folderTarget, type PlantedDrift, plantDrift, tiny } from '../fixtures/index.ts';
import { backupRequest, localFixture, project } from '../support/local-fixture.ts';
import { runToEnd } from '../support/run-to-end.ts';

const spec = tiny({ companies: 2, partitioned: true });

/** What the certificate must call each planted drift; null where it is none. */
const findingOf = {
  missing: 'missing',
  wrongSize: 'wrongSize',
  publicationMissing: null,
  unreferenced: 'unreferenced',
  unknownCompany: 'unknownCompany',
  generated: null,
  advancedFileSystem: 'otherLayout',
  olderName: 'otherLayout',
  nested: 'otherLayout',
  databaseStore: null,
} as const satisfies Readonly<Record<DriftKind, Finding['kind'] | null>>;

const each = {
  missing: 2,
  wrongSize: 2,
  publicationMissing: 1,
  unreferenced: 2,
  unknownCompany: 1,
  generated: 2,
  advancedFileSystem: 1,
  olderName: 1,
  nested: 1,
  databaseStore: 1,
} satisfies Readonly<Record<DriftKind, number>>;

const withMariadb = await requireOrSkip('MariaDB', findMariadb);

async function everyDriftIsFound(database: 'postgresql' | 'mariadb'): Promise<void> {
  const fixture = await localFixture(spec, { database });
  const service = await fixture.open(await fixture.settings());
  try {
    const { source } = fixture;
    async function certified() {
      const { runId, state } = await runToEnd(service, backupRequest(source));
      expect(state).toBe('Succeeded');
      const store = service.provider.objectStore(source.environment.backups.location);
      const ref = { projectId: project, environment: 'prd' };
      const { value } = await openManifest(store, ref, runId, await service.trustedKeys());
      const certificate = await readCertificate(store, ref, value);
      if (certificate === undefined) throw new Error('it has no certificate');
      const findings: Finding[] = [];
      for await (const finding of readFindings(store, ref, runId, certificate)) findings.push(finding);
      return { runId, certificate, findings };
    }

    const before = await certified();
    expect([before.certificate.verdict, before.findings]).toEqual(['consistent', []]);
    const library = folderTarget(source.libraryFolder);
    const planted = await plantDrift({ databaseUrl: source.databaseUrl, library }, spec, each);
    const { certificate, findings } = await certified();

    expect(certificate.verdict).toBe('consistentWithSourceDrift');
    expect(findings.map(asPlanted).sort(byKey)).toEqual(
      planted.flatMap((drift) => expected(drift, before.runId)).sort(byKey),
    );
  } finally {
    await service.close();
    await fixture.remove();
  }
}

const asPlanted = ({ kind, blame, key, expectedSizes, foundSize, lastBackup }: Finding) => ({
  key,
  kind,
  blame,
  expectedBytes: expectedSizes?.[0] ?? null,
  foundBytes: foundSize ?? null,
  lastBackup: lastBackup ?? null,
});

function expected({ kind, key, expectedBytes, foundBytes }: PlantedDrift, before: string) {
  const found = findingOf[kind];
  if (found === null) return [];
  // What was lost since the backup before is still to be had from there.
  const lastBackup = expectedBytes === null ? null : before;
  return [{ key, kind: found, blame: 'source', expectedBytes, foundBytes, lastBackup }];
}

const byKey = (one: { readonly key: string }, other: { readonly key: string }) =>
  Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));

describe('every planted drift is in the certificate, and nothing else is', () => {
  it('on PostgreSQL', { timeout: 300_000 }, () => everyDriftIsFound('postgresql'));
});

withMariadb('every planted drift is in the certificate, and nothing else is', () => {
  it('on MariaDB', { timeout: 300_000 }, () => everyDriftIsFound('mariadb'));
});
