import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../errors.ts';
import { runCommand } from './run-command.ts';

/** Whether the operating system knows a process of this number: a running one, or a zombie (dead, its parent has not asked yet). */
export function isPidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, of somebody else.
    return systemErrorCode(error) === 'EPERM';
  }
}

/** Whether the process of this id is a PostgreSQL server: after a crash the number may be anybody's. */
export async function isPostgres(pid: number): Promise<boolean> {
  const { status, command } = await statusAndCommand(pid);
  return !status.startsWith('Z') && /postgres|postmaster/.test(command);
}

async function statusAndCommand(pid: number): Promise<{ status: string; command: string }> {
  if (process.platform !== 'linux') {
    const { stdout } = await runCommand('ps', ['-o', 'stat=,command=', '-p', String(pid)]);
    const [status = 'Z', ...command] = stdout.trim().split(/\s+/);
    return { status: status === '' ? 'Z' : status, command: command.join(' ') };
  }
  try {
    // "pid (command) status …", see proc_pid_stat(5); the command may hold spaces and brackets itself.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    return { status: stat.slice(end + 2, end + 3), command: stat.slice(stat.indexOf('(') + 1, end) };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH') return { status: 'Z', command: '' };
    throw error;
  }
}
