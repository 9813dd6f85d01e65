import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { LcbError } from '@lcb/core';
import { type Endpoint, isSocketFolder } from './endpoint.ts';

/**
 * TLS as libpq understands `sslmode`, so that driver and tools agree: `require` encrypts without asking who it is (unless
 * a root certificate is given), `verify-ca` asks for a known issuer, `verify-full` also for the right name.
 *
 * @throws LcbError `database.certificateUnreadable`
 */
export async function sslOptions(endpoint: Endpoint): Promise<ConnectionOptions | false> {
  const { sslMode, parameters, host } = endpoint;
  if (sslMode === 'disable' || isSocketFolder(host)) return false;
  const rootCertificate = parameters.get('sslrootcert');
  const ownRoot = rootCertificate !== undefined && rootCertificate !== 'system';
  const options: ConnectionOptions = {
    ...(ownRoot && { ca: await read('sslrootcert', rootCertificate) }),
    ...(parameters.has('sslcert') && { cert: await read('sslcert', parameters.get('sslcert')) }),
    ...(parameters.has('sslkey') && { key: await read('sslkey', parameters.get('sslkey')) }),
  };
  if (sslMode === 'verify-full') return options;
  const verifiesIssuer = sslMode === 'verify-ca' || (sslMode === 'require' && ownRoot);
  if (verifiesIssuer) return { ...options, checkServerIdentity: () => undefined };
  return { ...options, rejectUnauthorized: false };
}

async function read(parameter: string, path = ''): Promise<Buffer> {
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
