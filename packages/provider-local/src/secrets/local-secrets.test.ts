import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { localSecrets } from './local-secrets.ts';

async function secretFile(content: string, mode: number): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'password'), content);
  await chmod(join(folder, 'password'), mode);
  return folder;
}

const at = (baseDirectory: string) =>
  localSecrets({ env: { PASSWORD: 'from env', EMPTY: '' }, baseDirectory });

it('reads a variable', async () => {
  await expect(at('/').resolve('env:PASSWORD')).resolves.toBe('from env');
});

it.each([
  ['of its owner', 'hunter2\n', 0o600, 'hunter2'],
  ['of its group too, written on Windows', 'hunter2\r\n', 0o640, 'hunter2'],
  ['without a line break', ' spaces stay ', 0o400, ' spaces stay '],
  ['with one line break too many', 'hunter2\n\n', 0o600, 'hunter2\n'],
])('reads a file %s', async (_, content, mode, expected) => {
  const folder = await secretFile(content, mode);
  await expect(at(folder).resolve('file:password')).resolves.toBe(expected);
  await expect(at('/elsewhere').resolve(`file:${folder}/password`)).resolves.toBe(expected);
});

it.each(['env:MISSING', 'env:EMPTY', 'file:missing', 'file:password/below'])(
  'says that %s is not there',
  async (reference) => {
    const folder = await secretFile('x', 0o600);
    await expect(at(folder).resolve(reference)).rejects.toMatchObject({
      code: 'secret.notFound',
      message: expect.stringContaining(reference),
    });
  },
);

it('refuses a file that everybody may read, with the command that helps', async () => {
  const folder = await secretFile('hunter2', 0o644);
  await expect(at(folder).resolve('file:password')).rejects.toMatchObject({
    code: 'secret.exposed',
    message: expect.stringContaining(`chmod o= ${folder}/password`),
  });
});

it('refuses an empty file, a folder, and what is too large for a secret', async () => {
  const folder = await secretFile('\n', 0o600);
  await expect(at(folder).resolve('file:password')).rejects.toMatchObject({ code: 'secret.notFound' });
  await expect(at(folder).resolve('file:.')).rejects.toMatchObject({ code: 'secret.unreadable' });
  await writeFile(join(folder, 'password'), Buffer.alloc(70_000, 'x'));
  await expect(at(folder).resolve('file:password')).rejects.toMatchObject({ code: 'secret.unreadable' });
});

it.each(['hunter2', 'vault:hunter2', 'env:', ''])(
  'does not repeat what is no reference: %j',
  async (reference) => {
    const failure = at('/').resolve(reference);
    await expect(failure).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  },
);
