import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, LcbError, type Signer, type TrustedKey } from '@lcb/core';
import { createFile, replaceFile } from '../files/atomic-file.ts';
import { generateSigningKey, publicHalf, readSigningKey, type SigningKey, signWith } from './signing-key.ts';
import { localTrustedKeys, trustedKeysPath, withCurrent, writeTrustedKeys } from './trusted-keys.ts';

const ownerOnly = 0o600;

export interface LocalSignerOptions {
  /** Absolute: holds `signing-key.json` (private, mode 600) and `trusted-keys.json` (public). */
  readonly directory: string;
  readonly clock: Clock;
}

export interface LocalSigner extends Signer {
  /**
   * Makes a new key and signs with it from now on. The old private key is destroyed; what it signed counts as before,
   * because its public half stays trusted for its time. Also the way out when the private key is lost.
   * @throws LcbError `signer.rotationRunning`
   */
  rotate(): Promise<TrustedKey>;
}

/**
 * Signs with an Ed25519 key of this machine, made when it is first needed. The private file says which key signs; the
 * public file is brought in line with it whenever they differ, which only a killed process leaves behind.
 *
 * A private key that is gone while its public half is still trusted is never replaced silently (`signer.keyLost`):
 * somebody may have moved it away for a reason, or the disk is the wrong one.
 */
export function localSigner({ directory, clock }: LocalSignerOptions): LocalSigner {
  const keyPath = join(directory, 'signing-key.json');
  const lockPath = join(directory, 'rotation.lock');

  const current = async (): Promise<{ readonly key: SigningKey; readonly trusted: TrustedKey }> => {
    // The public keys first: a process that makes the very first key writes the private one before them.
    const trustedKeys = await localTrustedKeys(directory);
    const key = (await readSigningKey(keyPath)) ?? (await createFirst(trustedKeys));
    const keys = withCurrent(trustedKeys, publicHalf(key));
    if (keys !== trustedKeys) await writeTrustedKeys(directory, keys);
    return { key, trusted: publicHalf(key) };
  };

  const createFirst = async (trustedKeys: readonly TrustedKey[]): Promise<SigningKey> => {
    if (trustedKeys.length > 0) throw keyLost(keyPath, directory);
    await mkdir(directory, { recursive: true });
    const key = generateSigningKey(clock.now());
    if (await createFile(keyPath, JSON.stringify(key), ownerOnly)) return key;
    // Another process was first: its key is the one.
    const winner = await readSigningKey(keyPath);
    if (winner === undefined) throw keyLost(keyPath, directory);
    return winner;
  };

  return {
    currentKey: async () => (await current()).trusted,
    async sign(keyId, data) {
      const { key } = await current();
      if (key.kid !== keyId) throw keyRetired(keyId);
      return signWith(key, data);
    },
    async rotate() {
      await mkdir(directory, { recursive: true });
      if (!(await createFile(lockPath, `${process.pid}\n`, ownerOnly))) throw rotationRunning(lockPath);
      try {
        await replaceFile(keyPath, JSON.stringify(generateSigningKey(clock.now())), ownerOnly);
        return (await current()).trusted;
      } finally {
        await rm(lockPath);
      }
    },
  };
}

function keyLost(keyPath: string, directory: string): LcbError {
  return new LcbError({
    code: 'signer.keyLost',
    message: `The private key ${keyPath} is gone, but ${trustedKeysPath(directory)} still trusts it. Put it back from a copy, or make a new one by rotating the key: earlier backups stay verifiable.`,
  });
}

function keyRetired(keyId: string): LcbError {
  return new LcbError({
    code: 'signer.keyRetired',
    message: `The key ${keyId} does not sign any more: it was rotated. Ask for the current key and sign again.`,
    retryable: true,
  });
}

function rotationRunning(lockPath: string): LcbError {
  return new LcbError({
    code: 'signer.rotationRunning',
    message: `Another process rotates the key. If none does (it may have been killed), remove ${lockPath} and rotate again.`,
  });
}
