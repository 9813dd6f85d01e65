import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { unless } from '../files/error-code.ts';

/** A process as the system shows it now. Zombies, which are dead and only wait to be asked, do not count. */
export interface ProcessEntry {
  readonly pid: number;
  /** Process group: the pid of the process that founded it. */
  readonly group: number;
  /** Opaque; when it began, so that a pid that is used again is told from the one before, also after a reboot. */
  readonly start: string;
}

/** The process of this pid, or `undefined` when there is none alive. */
export async function findProcess(pid: number): Promise<ProcessEntry | undefined> {
  if (process.platform === 'linux') return readProcess(String(pid));
  return (await listProcesses()).find((entry) => entry.pid === pid);
}

/** All processes that are alive. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  if (process.platform !== 'linux') return listByPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map(readProcess));
  return entries.filter((entry) => entry !== undefined);
}

async function readProcess(pid: string): Promise<ProcessEntry | undefined> {
  const text = await unless(['ENOENT', 'ESRCH'], readFile(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  // "pid (command) state ppid pgrp … starttime …", see proc_pid_stat(5); the command may hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', , group] = fields;
  if ('ZX'.includes(state)) return undefined;
  // Field 22: in clock ticks since boot, so it needs the boot to mean one moment.
  return { pid: Number(pid), group: Number(group), start: `${await bootId()}/${fields[19]}` };
}

let bootIdRead: Promise<string> | undefined;

function bootId(): Promise<string> {
  bootIdRead ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim());
  return bootIdRead;
}

async function listByPs(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,stat=,lstart='], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([pid, , state = 'Z']) => pid !== undefined && pid !== '' && !state.startsWith('Z'))
    .map(([pid, group, , ...start]) => ({ pid: Number(pid), group: Number(group), start: start.join(' ') }));
}
