import { readdir, readFile } from 'node:fs/promises';

interface RunningTool {
  readonly pid: number;
  readonly args: string;
  readonly env: string;
}

/** PostgreSQL's dump tools that this process runs now, by their database. */
export async function runningTools(database: string): Promise<RunningTool[]> {
  return await running(({ env }) => env.includes(`PGDATABASE=${database}\0`));
}

/** MySQL's dump tools that this process runs now. */
export async function runningDumps(): Promise<RunningTool[]> {
  return await running(({ args }) => args.includes('--single-transaction'));
}

/** Processes are looked at in /proc: of Linux alone. */
async function running(isMeant: (tool: RunningTool) => boolean): Promise<RunningTool[]> {
  const tools: RunningTool[] = [];
  for (const entry of process.platform === 'linux' ? await readdir('/proc') : []) {
    if (!/^\d+$/.test(entry)) continue;
    const read = (file: string) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '');
    const [args, env, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const tool = { pid: Number(entry), args, env };
    if (parent === process.pid && isMeant(tool)) tools.push(tool);
  }
  return tools;
}
