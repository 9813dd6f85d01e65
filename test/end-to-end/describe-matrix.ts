import { mkdir, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { backupRequestSchema } from '@lcb/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentSchemas } from '../fixtures/index.ts';
import type { DatabaseKind } from '../support/fixture-database.ts';
import { backupRequest, type PlacedEnvironment, replacingRequest } from '../support/local-fixture.ts';
import { MatrixLab, places, renamed } from '../support/matrix-lab.ts';
import { queryRows } from '../support/query-rows.ts';
import { someFolder } from '../support/some-folder.ts';
import { startLcb } from './run-lcb.ts';

const cells = places.flatMap((library) => places.map((backups) => ({ library, backups }) as const));
const LEFT_OVER = 'nobody knows this';

/**
 * One kind of source, with every kind of place for its library and for its backups, and from each every way back: new,
 * a folder, swap, in place, download and upload. The judge decides about each.
 */
export function describeMatrix(database: DatabaseKind): void {
  let lab: MatrixLab;
  beforeAll(async () => {
    lab = await MatrixLab.open(database);
  });
  afterAll(() => lab?.close());

  it.each(cells)(
    'library in a $library, backups in a $backups',
    { timeout: 600_000 },
    async ({ library, backups }) => {
      const cell = `${library}-${backups}`;
      const source = lab.sourceIn(library, backups);
      const full = await lab.backUp(source, 'full');
      const same = lab.targetIn(library, `f-${cell}`, source);
      await lab.restore(source, full.backupId, same);
      await restoreFolder(source, full.backupId, same);

      await lab.change(1 + cells.findIndex((one) => one.library === library && one.backups === backups));
      const next = await lab.backUp(source, 'incremental');
      const other = lab.targetIn(library === 'bucket' ? 'folder' : 'bucket', `i-${cell}`, source);
      const restored = await lab.restore(source, next.backupId, other);
      expect(restored.objects).toBe(next.objects);

      await swap(source, next.backupId, same);
      await replace(source, next.backupId, other);
      if (database === 'postgresql') await downloadAndUpload(source, next.backupId, cell);
    },
  );

  /** Loses a folder and one object besides, of which only the folder comes back. */
  async function restoreFolder(source: PlacedEnvironment, backupId: string, target: PlacedEnvironment) {
    const [, partition = ''] = environmentSchemas(lab.fixture.spec);
    const { path, groupId, keys } = await someFolder(source.databaseUrl, partition);
    const store = lab.libraryOf(target);
    let lost: string | undefined;
    for await (const { key } of store.list()) if (!keys.includes(key)) lost ??= key;
    await store.deleteMany([...keys, lost ?? ''].map((key) => ({ key })));
    expect((await lab.judge(source, target)).differenceCounts).toEqual({ 'object missing': keys.length + 1 });
    await lab.restoring({
      ...replacingRequest(source, backupId, target, {
        units: ['documentLibrary'],
        safetyBackup: { kind: 'refused' },
      }),
      selection: { folders: [{ path, groupId }], fileEntries: [], fileVersions: [], companies: [] },
    });
    expect((await lab.judge(source, target)).differences).toMatchObject([
      { kind: 'object missing', name: lost },
    ]);
  }

  /** What the backup does not have, in database and library. */
  async function leaveSomething(target: PlacedEnvironment): Promise<void> {
    await queryRows(target.databaseUrl, 'CREATE TABLE left_over AS SELECT 1 AS id');
    await lab.libraryOf(target).put(LEFT_OVER, Readable.from([Buffer.from('left over')]));
  }

  /** Where names can't change places, the environment is told the new ones. What was there is kept. */
  async function swap(source: PlacedEnvironment, backupId: string, target: PlacedEnvironment) {
    await leaveSomething(target);
    const { result } = await lab.restoring(
      replacingRequest(source, backupId, target, { mode: 'swap', safetyBackup: undefined }),
    );
    // All of it, or nothing: servers of MySQL and buckets can't rename.
    const isBucket = target.environment.documentLibrary?.location.startsWith('s3:') === true;
    const declared = database === 'mariadb' || isBucket ? ['database', 'documentLibrary'] : [];
    expect(Object.keys(result?.declare ?? {}).sort()).toEqual(declared);
    await lab.expectSame(source, renamed(target, result?.declare));
    const kept = renamed(target, result?.kept);
    expect(await lab.libraryOf(kept).head(LEFT_OVER)).toBeDefined();
    expect(await queryRows(kept.databaseUrl, 'SELECT id FROM left_over')).toEqual([{ id: 1 }]);
  }

  async function replace(source: PlacedEnvironment, backupId: string, target: PlacedEnvironment) {
    await leaveSomething(target);
    const { result } = await lab.restoring(replacingRequest(source, backupId, target));
    const { objects } = await lab.expectSame(source, target);
    expect(await lab.verified(target, result?.safetyBackupId ?? '')).toBe(objects + 1);
  }

  /** Plain files out, and the same files in again. */
  async function downloadAndUpload(source: PlacedEnvironment, backupId: string, cell: string) {
    const folder = lab.at(`downloads-${cell}`);
    await mkdir(folder);
    await writeFile(lab.at('keys.json'), JSON.stringify(await lab.service.trustedKeys()));
    const { documentLibrary, backups } = source.environment;
    const prd = { library: documentLibrary?.location, backups: backups.location };
    const projects = { retail: { environments: { prd } } };
    // JSON is YAML.
    await writeFile(`${folder}/lcb.yaml`, JSON.stringify({ projects, stores: lab.stores }));
    const { exitCode, lines } = await startLcb(folder, {}, [
      ...['backup', 'download', backupId, '--to', 'down'],
      ...['--location', backups.location, '--key', lab.at('keys.json')],
    ]).ended;
    expect(exitCode, lines.join('\n')).toBe(0);
    const uploaded = await lab.succeeding(
      backupRequestSchema.parse({
        ...backupRequest(source, { mode: 'full' }),
        type: 'Uploaded',
        upload: {
          dump: { path: `${folder}/down/database.sql`, format: 'plain' },
          library: { location: pathToFileURL(`${folder}/down/library`).href },
        },
      }),
    );
    await lab.restore(source, uploaded.runId, lab.targetIn('folder', `u-${cell}`, source));
  }
}
