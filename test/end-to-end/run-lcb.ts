import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(import.meta.resolve('@lcb/cli/main'));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Of standard error, which is no terminal here. */
  readonly lines: readonly string[];
}

export interface RunningLcb {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The first line of standard error, said already or still to come, that has this in it. */
  said(part: string): Promise<string>;
}

/** Starts the command line in a folder, as a shell would. */
export function startLcb(folder: string, env: NodeJS.ProcessEnv, args: readonly string[]): RunningLcb {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting: { readonly part: string; readonly found: (line: string) => void }[] = [];
  const reader = createInterface({ input: child.stderr });
  reader.on('line', (line) => {
    lines.push(line);
    for (const { part, found } of waiting) if (line.includes(part)) found(line);
  });
  const closed = once(child, 'close');
  return {
    child,
    ended: Promise.all([text(child.stdout), once(reader, 'close'), closed]).then(([stdout]) => ({
      exitCode: child.exitCode,
      stdout,
      lines,
    })),
    async said(part) {
      const known = lines.find((line) => line.includes(part));
      if (known !== undefined) return known;
      const told = new Promise<string>((found) => waiting.push({ part, found }));
      return Promise.race([
        told,
        closed.then(() => {
          throw new Error(`lcb ended without saying ${part}:\n${lines.join('\n')}`);
        }),
      ]);
    },
  };
}
