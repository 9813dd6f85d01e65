import { findMariadb } from '@lcb/database-dump/testing';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService } from '@lcb/functions-local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../compare/index.ts';
import { changeEnvironment, tiny } from '../fixtures/index.ts';
import { backupRequest, type LocalFixture, localFixture, restoreRequest } from '../support/local-fixture.ts';
import { verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

const spec = tiny({ companies: 2, partitioned: true, sitesPerCompany: 1 });
const available = await requireOrSkip('MariaDB', findMariadb);

for (const database of ['postgresql', 'mariadb'] as const) {
  available(`an environment on ${database}`, () => {
    let fixture: LocalFixture;
    let service: LocalService;
    beforeAll(async () => {
      fixture = await localFixture(spec, { database });
      service = await fixture.open(await fixture.settings());
    });
    afterAll(async () => {
      await service?.close();
      await fixture?.remove();
    });

    async function backUpAndRestore(mode: 'full' | 'incremental') {
      const backup = await runToEnd(service, backupRequest(fixture.source, { mode }));
      expect([backup.state, backup.error]).toEqual(['Succeeded', undefined]);
      expect((await verify(service, fixture.source, backup.runId)).problems).toEqual([]);
      const target = fixture.newEnvironment(`after-${mode}`);
      const restore = await runToEnd(service, restoreRequest(fixture.source, backup.runId, target));
      expect([restore.state, restore.error]).toEqual(['Succeeded', undefined]);
      const report = await compareEnvironments({ a: fixture.source, b: target });
      expect(report.differences).toEqual([]);
      expect(report.figures.b.rows).toBeGreaterThan(300);
    }

    it('is backed up in full, verified, and restored elsewhere as it was', async () => {
      await backUpAndRestore('full');
    });

    it('is backed up again after changes, in part, and restored elsewhere as it was', async () => {
      await changeEnvironment(fixture.source, spec, { step: 1, replace: 2, add: 3, remove: 4 });
      await backUpAndRestore('incremental');
    });
  });
}
