import { createPublicKey, verify } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TrustedKey, trustedKeySchema } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { runScript } from '../testing/run-script.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { type LocalSigner, localSigner } from './local-signer.ts';
import { localTrustedKeys } from './trusted-keys.ts';

const data = Buffer.from('a manifest');

/** A clock that a second passes on at each look. */
function signerIn(directory: string, from = '2025-01-01T00:00:00.000Z'): LocalSigner {
  let time = Date.parse(from);
  return localSigner({
    directory,
    clock: {
      now: () => {
        time += 1000;
        return new Date(time).toISOString();
      },
    },
  });
}

function verifies({ publicKey }: TrustedKey, signature: Uint8Array): boolean {
  return verify(null, data, createPublicKey({ key: publicKey, format: 'jwk' }), signature);
}

describe('the first key', () => {
  it('is made when it is needed, private for its owner, public for everybody', async () => {
    const directory = join(await temporaryFolder(), 'keys');
    expect(await localTrustedKeys(directory)).toEqual([]);
    const signer = signerIn(directory);
    const key = await signer.currentKey();
    const signature = await signer.sign(key.keyId, data);
    expect(signature).toHaveLength(64);
    expect(verifies(key, signature)).toBe(true);
    expect(await localTrustedKeys(directory)).toEqual([key]);
    expect(trustedKeySchema.parse(key)).toEqual(key);
    expect((await stat(join(directory, 'signing-key.json'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(directory, 'trusted-keys.json'), 'utf8')).not.toContain('"d"');
    expect((await readdir(directory)).sort()).toEqual(['signing-key.json', 'trusted-keys.json']);
  });

  it('is one, however many processes need it at once', async () => {
    const directory = await temporaryFolder();
    const script = new URL('../testing/print-key.ts', import.meta.url);
    const ends = await Promise.all(Array.from({ length: 6 }, () => runScript(script, [directory])));
    expect(new Set(ends.map(({ output }) => output)).size).toBe(1);
    expect(await localTrustedKeys(directory)).toMatchObject([{ keyId: ends[0]?.output }]);
  });

  it('is published again when a process was killed before it did so', async () => {
    const directory = await temporaryFolder();
    const key = await signerIn(directory).currentKey();
    await rm(join(directory, 'trusted-keys.json'));
    expect(await signerIn(directory, '2030-01-01T00:00:00.000Z').currentKey()).toEqual(key);
    expect(await localTrustedKeys(directory)).toEqual([key]);
  });

  it('is refused when others may read it, or when it is no key', async () => {
    const directory = await temporaryFolder();
    await signerIn(directory).currentKey();
    const path = join(directory, 'signing-key.json');
    await chmod(path, 0o640);
    await expect(signerIn(directory).currentKey()).rejects.toMatchObject({ code: 'signer.keyExposed' });
    await chmod(path, 0o600);
    await writeFile(path, '{"kty":"OKP","d":"half a key');
    const failure = signerIn(directory).currentKey();
    await expect(failure).rejects.toMatchObject({ code: 'file.invalid' });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('half') });
  });
});

describe('a lost key', () => {
  it('is never replaced silently, only by a rotation', async () => {
    const directory = await temporaryFolder();
    const old = await signerIn(directory).currentKey();
    await rm(join(directory, 'signing-key.json'));
    const signer = signerIn(directory, '2026-01-01T00:00:00.000Z');
    await expect(signer.currentKey()).rejects.toMatchObject({ code: 'signer.keyLost', retryable: false });
    await expect(signer.sign(old.keyId, data)).rejects.toMatchObject({ code: 'signer.keyLost' });
    const key = await signer.rotate();
    expect(await localTrustedKeys(directory)).toEqual([{ ...old, validUntil: key.validFrom }, key]);
  });
});

describe('a rotation', () => {
  it('ends the old key where the new one begins, and keeps what it signed', async () => {
    const directory = await temporaryFolder();
    const [one, other] = [signerIn(directory), signerIn(directory, '2026-01-01T00:00:00.000Z')];
    const old = await one.currentKey();
    const signature = await one.sign(old.keyId, data);
    const key = await other.rotate();
    const [retired, current] = await localTrustedKeys(directory);
    expect(retired).toEqual({ ...old, validUntil: key.validFrom });
    expect(current).toEqual(key);
    expect(retired !== undefined && verifies(retired, signature)).toBe(true);
    // A signer that lives on learns of it.
    await expect(one.sign(old.keyId, data)).rejects.toMatchObject({
      code: 'signer.keyRetired',
      retryable: true,
    });
    expect(verifies(key, await one.sign((await one.currentKey()).keyId, data))).toBe(true);
    await other.rotate();
    expect(
      (await localTrustedKeys(directory)).filter(({ validUntil }) => validUntil === undefined),
    ).toHaveLength(1);
  });

  it('that was killed before it published the key is finished by the next look', async () => {
    const directory = await temporaryFolder();
    const signer = signerIn(directory);
    const old = await signer.currentKey();
    const published = await readFile(join(directory, 'trusted-keys.json'));
    const key = await signer.rotate();
    await writeFile(join(directory, 'trusted-keys.json'), published);
    expect(await signerIn(directory).currentKey()).toEqual(key);
    expect(await localTrustedKeys(directory)).toEqual([{ ...old, validUntil: key.validFrom }, key]);
  });

  it('does not begin while another one runs', async () => {
    const directory = await temporaryFolder();
    const signer = signerIn(directory);
    const outcomes = await Promise.allSettled([signer.rotate(), signer.rotate()]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'signer.rotationRunning' });
    expect(refused.length).toBeLessThan(2);
    expect(
      (await localTrustedKeys(directory)).filter(({ validUntil }) => validUntil === undefined),
    ).toHaveLength(1);
  });
});
