import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readTrustedKeys } from './trusted-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'lcb-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const key = {
  keyId: 'k1',
  algorithm: 'EdDSA',
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: 'x' },
  validFrom: '2025-11-09T14:30:00.000Z',
};

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

it('reads one key, a list of keys, and the file of an installation', () => {
  const paths = [file('one.json', key), file('list.json', [key]), file('trusted-keys.json', { keys: [key] })];
  expect(readTrustedKeys(paths)).toEqual([key, key, key]);
});

it('refuses a private key, and what is no key, without repeating it', () => {
  const privateKey = file('private.json', { ...key, publicKey: { ...key.publicKey, d: 'hunter2' } });
  expect(() => readTrustedKeys([privateKey])).toThrow(`--key ${privateKey} holds no public key.`);
  expect(() => readTrustedKeys([file('empty.json', { keys: [] })])).toThrow('holds no public key');
  const text = file('text.json', 'hunter2');
  expect(() => readTrustedKeys([text])).toThrow(`--key ${text} can't be read: it is not JSON.`);
  expect(() => readTrustedKeys([join(folder, 'missing.json')])).toThrow("can't be read: ENOENT");
});
