import { readFile } from 'node:fs/promises';
import { LcbError } from '@lcb/core';
import type { SslOptions } from 'mysql2';
import type { Endpoint } from './endpoint.ts';

/**
 * TLS as MySQL's own programs understand `ssl-mode`, so that driver and programs agree: `required` encrypts without asking
 * who it is, `verify-ca` asks for a known issuer, `verify-identity` also for the right name.
 *
 * @throws LcbError `database.certificateUnreadable`
 */
export async function sslOptions({ sslMode, sslFiles, socket }: Endpoint): Promise<SslOptions | undefined> {
  if (sslMode === 'disabled' || socket !== undefined) return undefined;
  const verifies = sslMode === 'verify-ca' || sslMode === 'verify-identity';
  return {
    ...(sslFiles.ca !== undefined && { ca: await read('ssl-ca', sslFiles.ca) }),
    ...(sslFiles.cert !== undefined && { cert: await read('ssl-cert', sslFiles.cert) }),
    ...(sslFiles.key !== undefined && { key: await read('ssl-key', sslFiles.key) }),
    rejectUnauthorized: verifies,
    verifyIdentity: sslMode === 'verify-identity',
  };
}

async function read(parameter: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LcbError({
      code: 'database.certificateUnreadable',
      message: `The file ${JSON.stringify(path)} of the parameter ${parameter} can't be read. Check the database's URL.`,
      cause,
    });
  }
}
