import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own in memory, as small as it is made. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all room that is left. */
  fill(): void;
  /** Gives it back. */
  clear(): Promise<void>;
  remove(): Promise<void>;
}

/** Throws an error that says what to do where no disk can be mounted. */
export async function mayMount(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('only root may mount; run as root to include it');
  await run('mount', ['--version']);
}

export async function smallDisk(path: string, size: string): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path]);
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(4096));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    },
    clear: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', [path]);
    },
  };
}
