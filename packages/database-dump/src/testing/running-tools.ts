import { readdir, readFile } from 'node:fs/promises';

/** The dump tools that this process runs now, by their database. Processes are looked at in /proc: of Linux alone. */
export async function runningTools(database: string) {
  const tools: { readonly pid: number; readonly args: string; readonly env: string }[] = [];
  for (const entry of process.platform === 'linux' ? await readdir('/proc') : []) {
    if (!/^\d+$/.test(entry)) continue;
    const read = (file: string) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '');
    const [args, env, stat] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent === process.pid && env.includes(`PGDATABASE=${database}\0`))
      tools.push({ pid: Number(entry), args, env });
  }
  return tools;
}
