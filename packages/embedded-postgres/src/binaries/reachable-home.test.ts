import { chown, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runsAsRoot, serverAccount } from '../support/os-account.ts';
import { runOrThrow } from '../support/run-command.ts';
import { reachableHome } from './reachable-home.ts';
import { type ServerBinaries, serverBinaries } from './server-binaries.ts';

// Only root runs the server as somebody else.
describe.runIf(runsAsRoot())('reachableHome, as root', () => {
  const version = `test${process.pid}`;
  const copy = `/var/tmp/liferay-cloud-backup-postgres-${version}-${process.platform}-${process.arch}`;
  let closed: string;
  let binaries: ServerBinaries;

  beforeEach(async () => {
    closed = await mkdtemp(join(tmpdir(), 'lcb-closed-'));
    const original = await serverBinaries();
    await cp(original.home, join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    binaries = { major: original.major, version, home: join(closed, 'native') };
  });

  afterEach(async () => {
    await rm(closed, { recursive: true, force: true });
    await rm(copy, { recursive: true, force: true });
  });

  it('copies binaries that the account can not reach, completes a copy with missing files', async () => {
    const account = await serverAccount();
    const home = await reachableHome(binaries, account);

    expect(home).toBe(copy);
    const postgres = join(home, 'bin', 'postgres');
    expect(await runOrThrow(postgres, ['--version'], { account })).toContain('PostgreSQL');

    await rm(join(home, 'share'), { recursive: true });
    await reachableHome(binaries, account);
    await runOrThrow('test', ['-f', join(home, 'share/postgresql/postgres.bki')], { account });
  });

  it('does not run what somebody else put in the place of the copy', async () => {
    await mkdir(copy);
    await chown(copy, 65534, 65534);

    await expect(reachableHome(binaries, await serverAccount())).rejects.toThrow(
      'does not belong to root alone',
    );
  });
});
