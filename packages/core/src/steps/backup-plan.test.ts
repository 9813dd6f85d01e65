import { describe, expect, it } from 'vitest';
import { LcbError } from '../errors/lcb-error.ts';
import { backupRun } from '../testing/backup-run.ts';
import { type BackupWorld, backupWorld } from '../testing/backup-world.ts';
import { planBackup } from './backup-plan.ts';

const input = { runId: backupRun().runId, projectId: 'retail' };

function world(): BackupWorld {
  return backupWorld(backupRun({ units: ['documentLibrary'] }));
}

describe('planning a backup', () => {
  it('refuses a location above the library, and names the right one', async () => {
    const { context, library } = world();
    for (const name of ['401', '402', '403'])
      await library.put(`data/document_library/20097/20121/${name}/1.0`, Buffer.from('x'));
    await library.put('data/license/1.xml', Buffer.from('x'));
    await expect(planBackup(input, context)).rejects.toMatchObject({
      code: 'library.nested',
      message: expect.stringContaining('name memory://library/data/document_library.'),
    });
  });

  it.each(['20097/20121/401/1.0', '20097/20121/40/401.afsh/401_1.0.afsh', 'photos/a.jpg'])(
    'takes any other layout as it is: %s',
    async (key) => {
      const { context, library } = world();
      await library.put(key, Buffer.from('x'));
      expect(await planBackup(input, context)).toMatchObject({ units: ['documentLibrary'] });
    },
  );

  it('leaves it to the unit that a library can not be listed', async () => {
    const made = world();
    Object.assign(made.library, {
      // biome-ignore lint/correctness/useYield: it fails before it could.
      async *list() {
        throw new LcbError({ code: 'objectStore.notAFile', message: 'a link' });
      },
    });
    expect(await planBackup(input, made.context)).toMatchObject({ units: ['documentLibrary'] });
  });
});
