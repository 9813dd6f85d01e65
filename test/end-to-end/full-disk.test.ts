import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backupRequest, type LocalFixture, localFixture } from '../support/local-fixture.ts';
import { filesBelow } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';

const run = promisify(execFile);

const withSmallDisk = await requireOrSkip('a small disk of its own (root may mount one)', async () => {
  if (process.getuid?.() !== 0) throw new Error('only root may mount; run as root to include it');
  await run('mount', ['--version']);
});

withSmallDisk('a disk that fills', () => {
  let fixture: LocalFixture;
  let disk: string;
  beforeAll(async () => {
    fixture = await localFixture();
    disk = join(fixture.folder, 'small-disk');
    await mkdir(disk);
  });
  afterAll(async () => {
    await run('umount', [disk]);
    await fixture.remove();
  });

  it('fails the backup with a word on what to do, and leaves no half of it; with room again, the next one is good', {
    timeout: 180_000,
  }, async () => {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=192k', 'none', disk]);
    let fill = (): void => undefined;
    const service = await fixture.open(await fixture.settings(), (event) => {
      if (event.kind === 'step' && event.step === 'backup.library.copy' && event.phase === 'begin') fill();
    });
    const backups = { location: pathToFileURL(join(disk, 'backups')).href };
    const small = { ...fixture.source, environment: { ...fixture.source.environment, backups } };
    const failed = await runToEnd(service, backupRequest(small));
    expect(failed.state).toBe('Failed');
    expect(failed.error).toMatchObject({ code: 'objectStore.full' });
    // The dump had found room: it is kept and usable. Of the library there is nothing.
    expect(failed.units).toMatchObject({ database: { usable: true }, documentLibrary: { usable: false } });
    const left = (await filesBelow(disk)).filter((file) => file.includes('/backups/retail-'));
    expect(
      left.filter((file) => !/\/attempts\/1\/(database\/|consistency\.json$)|\/manifest\.json$/.test(file)),
    ).toEqual([]);

    // Found before anything was copied; and here by the copying itself, because somebody else fills the disk meanwhile.
    await run('mount', ['-o', 'remount,size=64m', disk]);
    const filler = join(disk, 'filler');
    fill = () => {
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(16 * 1024));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    };
    const filled = await runToEnd(service, backupRequest(small));
    expect(filled).toMatchObject({ state: 'Failed', error: { code: 'objectStore.full' } });
    fill = () => undefined;
    await rm(filler);
    expect((await runToEnd(service, backupRequest(small))).state).toBe('Succeeded');
    await service.close();
  });
});
