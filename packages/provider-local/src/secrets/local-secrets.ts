import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidRequestError, LcbError, type Secrets } from '@lcb/core';
import { unless } from '../files/error-code.ts';

/** Bytes. A larger file is the wrong one. */
const largestSecret = 64 * 1024;
/** Read, write or execute for everybody. */
const everybody = 0o007;

export interface LocalSecretsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute: the folder that relative paths of `file:` begin in, which is the one of lcb.yaml. */
  readonly baseDirectory: string;
}

/**
 * Secrets on this machine: `env:NAME` is a variable of the service's environment, `file:path` the text of a file without
 * its last line break. A file may be read by its owner and its group (0600, 0640), not by everybody.
 *
 * `resolve` fails with `secret.notFound` (also for an empty one), `secret.exposed`, `secret.unreadable`, and
 * `request.invalid` for anything that is no reference.
 */
export function localSecrets({ env, baseDirectory }: LocalSecretsOptions): Secrets {
  return {
    async resolve(reference) {
      const [, scheme, rest] = /^(env|file):(.+)$/s.exec(reference) ?? [];
      if (rest === undefined) throw notAReference();
      return scheme === 'env'
        ? fromEnvironment(env, rest)
        : fromFile(resolve(baseDirectory, rest), reference);
    },
  };
}

function fromEnvironment(env: LocalSecretsOptions['env'], name: string): string {
  const value = env[name];
  if (value) return value;
  throw notFound(
    `The secret env:${name} is ${value === '' ? 'empty' : 'not there'}. Set the variable ${name} for the service.`,
  );
}

async function fromFile(path: string, reference: string): Promise<string> {
  const where = `The secret ${reference} (${path})`;
  const found = await unless(['ENOENT', 'ENOTDIR'], stat(path));
  if (found === undefined)
    throw notFound(`${where} is not there. Put the secret into that file, with mode 600.`);
  if (!found.isFile() || found.size > largestSecret) {
    throw new LcbError({
      code: 'secret.unreadable',
      message: `${where} is not a file of at most ${largestSecret} bytes.`,
    });
  }
  if ((found.mode & everybody) !== 0) {
    throw new LcbError({
      code: 'secret.exposed',
      message: `${where} is open to every user of this machine. Run: chmod o= ${shellQuoted(path)}`,
    });
  }
  const text = await unless(['EACCES', 'EPERM'], readFile(path, 'utf8'));
  if (text === undefined) {
    throw new LcbError({
      code: 'secret.unreadable',
      message: `${where} may not be read by the user that runs the service.`,
    });
  }
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw notFound(`${where} is empty.`);
  return value;
}

/** What stands there is not repeated: it may be the secret itself, written where its reference belongs. */
function notAReference(): InvalidRequestError {
  return new InvalidRequestError(
    'A secret is given by reference, as env:NAME or file:path. What is given is neither; it is not shown here because it may be the secret itself.',
  );
}

function notFound(message: string): LcbError {
  return new LcbError({ code: 'secret.notFound', message });
}

function shellQuoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
