import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { restoreRequestSchema } from '@lcb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlacedEnvironment, replacingRequest, restoreRequest } from '../support/local-fixture.ts';
import { filesBelow } from '../support/repository.ts';
import { type RestoreLab, restoreLab } from '../support/restore-lab.ts';

let lab: RestoreLab;
beforeAll(async () => {
  lab = await restoreLab();
});
afterAll(async () => {
  await lab?.close();
});

describe('a part of a library', () => {
  const libraryOnly = (target: PlacedEnvironment, changes: object) =>
    restoreRequestSchema.parse({
      ...restoreRequest(lab.source, lab.backupId, target),
      units: ['documentLibrary'],
      ...changes,
    });

  /** A folder at the top of a site that has files, with what the database says lies in it and below. */
  async function someFolder() {
    const [folder] = await lab.query(
      lab.source,
      `SELECT f.name, f.groupid::text AS "groupId", f.treepath AS path FROM dlfolder f
       WHERE f.parentfolderid = 0 AND f.ctcollectionid = 0 AND EXISTS (
         SELECT FROM dlfileversion v JOIN dlfileentry e USING (fileentryid) WHERE e.treepath LIKE f.treepath || '%')
       ORDER BY f.folderid LIMIT 1`,
    );
    if (folder === undefined) throw new Error('the fixture has no folder with files');
    const keys = await lab.query(
      lab.source,
      `SELECT DISTINCT e.companyid || '/' || e.folderid || '/' || e.name || '/' || v.version
         || CASE WHEN coalesce(v.storeuuid, '') = '' THEN '' ELSE '~' || v.storeuuid END AS key
       FROM dlfileversion v JOIN dlfileentry e ON e.fileentryid = v.fileentryid AND e.ctcollectionid = v.ctcollectionid
       WHERE e.treepath LIKE '${folder.path}%'`,
    );
    return {
      path: `/${folder.name}`,
      groupId: String(folder.groupId),
      keys: keys.map(({ key }) => String(key)).sort(),
    };
  }

  it('is restored by the path of its folder, subfolders and versions included', async () => {
    const { path, groupId, keys } = await someFolder();
    const target = lab.newEnvironment('folder');
    const run = await lab.restoring(libraryOnly(target, { selection: { folders: [{ path, groupId }] } }));
    expect(run).toMatchObject({ state: 'Succeeded', units: { documentLibrary: { objects: keys.length } } });
    expect(await filesBelow(target.libraryFolder)).toEqual(keys);
  });

  it('goes back into a living library and leaves the rest alone', async () => {
    const { path, groupId, keys } = await someFolder();
    const whole = lab.newEnvironment('folder-whole');
    await lab.succeeding(libraryOnly(whole, {}));
    const [kept = ''] = (await filesBelow(whole.libraryFolder)).filter((key) => !keys.includes(key));
    for (const key of keys) await rm(join(whole.libraryFolder, key), { force: true });
    await writeFile(join(whole.libraryFolder, kept), 'changed since');
    const run = await lab.restoring({
      ...replacingRequest(lab.source, lab.backupId, whole, { units: ['documentLibrary'] }),
      selection: { folders: [{ path, groupId }], fileEntries: [], fileVersions: [], companies: [] },
    });
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(await filesBelow(whole.libraryFolder)).toEqual(await filesBelow(lab.source.libraryFolder));
    expect(await readFile(join(whole.libraryFolder, kept), 'utf8')).toBe('changed since');
  });

  it('that fails goes back alone: what people do meanwhile in the rest of the library stays', async () => {
    const { path, groupId, keys } = await someFolder();
    const living = lab.newEnvironment('folder-fails');
    await lab.succeeding(restoreRequest(lab.source, lab.backupId, living));
    const [own = '', gone = ''] = keys;
    await writeFile(join(living.libraryFolder, own), 'changed before');
    await rm(join(living.libraryFolder, gone));
    const uploaded = '20097/10/777777/1.0';
    lab.disturb(async (event) => {
      if (event.kind !== 'step' || event.step !== 'restore.validate' || event.phase !== 'begin') return;
      lab.leaveAlone();
      await mkdir(dirname(join(living.libraryFolder, uploaded)), { recursive: true });
      await writeFile(join(living.libraryFolder, uploaded), 'somebody works here');
      await rm(join(living.libraryFolder, own));
    });
    const run = await lab.restoring({
      ...replacingRequest(lab.source, lab.backupId, living, { units: ['documentLibrary'] }),
      selection: { folders: [{ path, groupId }], fileEntries: [], fileVersions: [], companies: [] },
    });
    expect(run).toMatchObject({ state: 'Failed', result: { rolledBack: true } });
    expect(await readFile(join(living.libraryFolder, uploaded), 'utf8')).toBe('somebody works here');
    expect(await readFile(join(living.libraryFolder, own), 'utf8')).toBe('changed before');
    expect(await filesBelow(living.libraryFolder)).not.toContain(gone);
  });

  it('that names nothing leaves everything as it is', async () => {
    const living = lab.newEnvironment('folder-mistyped');
    await lab.succeeding(restoreRequest(lab.source, lab.backupId, living));
    lab.disturb(async (event) => {
      if (event.kind === 'step' && event.step === 'restore.library.plan')
        await writeFile(join(living.libraryFolder, 'new'), 'somebody works here');
    });
    const run = await lab.restoring({
      ...replacingRequest(lab.source, lab.backupId, living, { units: ['documentLibrary'] }),
      selection: { folders: [{ path: '/Tpyo' }], fileEntries: [], fileVersions: [], companies: [] },
    });
    lab.leaveAlone();
    expect(run).toMatchObject({
      state: 'Failed',
      error: { code: 'restore.folderMissing', message: expect.stringContaining('Nothing had been replaced') },
    });
    expect(await filesBelow(living.libraryFolder)).toContain('new');
  });

  it('is restored of some companies only, and without generated files, whose rows are cleared', async () => {
    const [company] = await lab.query(
      lab.source,
      'SELECT companyid::text AS id FROM company ORDER BY companyid LIMIT 1',
    );
    const all = await filesBelow(lab.source.libraryFolder);
    const ofCompany = lab.newEnvironment('one-company');
    await lab.succeeding(libraryOnly(ofCompany, { selection: { companies: [company?.id] } }));
    expect(await filesBelow(ofCompany.libraryFolder)).toEqual(
      all.filter((key) => key.startsWith(`${company?.id}/`)),
    );

    const generated = /^\d+\/0\/(document_preview|document_thumbnail|adaptive)\//;
    expect(all.some((key) => generated.test(key))).toBe(true);
    const lean = lab.newEnvironment('lean');
    const run = await lab.restoring({
      ...restoreRequest(lab.source, lab.backupId, lean),
      withoutGeneratedFiles: true,
    });
    expect(run).toMatchObject({ state: 'Succeeded' });
    expect(await filesBelow(lean.libraryFolder)).toEqual(all.filter((key) => !generated.test(key)));
    const [rows] = await lab.query(
      lab.source,
      'SELECT (SELECT count(*) FROM dlfileversionpreview)::int + (SELECT count(*) FROM amimageentry)::int AS n',
    );
    expect(run.result?.clearedRows).toBe(rows?.n);
    expect(
      await lab.query(
        lean,
        'SELECT (SELECT count(*) FROM dlfileversionpreview)::int + (SELECT count(*) FROM amimageentry)::int AS n',
      ),
    ).toEqual([{ n: 0 }]);
  });
});
