import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type ChecksumLine, formatChecksum, readChecksums } from './checksum-file.ts';

const whole = 'SHA256SUMS';
const partial = 'SHA256SUMS.partial';
const next = 'SHA256SUMS.next';

/**
 * What of a download is there already. It saves work only: a file that it does not name is compared by its bytes, so a
 * journal that was cut off by a crash costs time and nothing else.
 */
export interface DownloadJournal {
  /** What an earlier run wrote down, in the order of the items. */
  earlier(): AsyncIterable<ChecksumLine>;
  add(line: ChecksumLine): Promise<void>;
  /** Keeps what was written: as `SHA256SUMS` when everything is there, for the next run otherwise. */
  close(complete: boolean): Promise<void>;
}

export async function openJournal(folder: string): Promise<DownloadJournal> {
  const paths = [whole, partial, next].map((name) => join(folder, name));
  const sizes = await Promise.all(paths.map(sizeOf));
  const longest = paths[sizes.indexOf(Math.max(...sizes))];
  const old = join(folder, partial);
  const hasOld = Math.max(...sizes) > 0 && longest !== undefined;
  if (hasOld && longest !== old) await rename(longest, old);
  for (const path of paths) if (path !== old || !hasOld) await rm(path, { force: true });
  const writing = createWriteStream(join(folder, next));
  const ended = finished(writing);
  // Thrown by `add` or `close`; until then it must not count as unhandled.
  ended.catch(() => undefined);
  return {
    earlier: () => (hasOld ? readChecksums(old) : nothing()),
    async add(line) {
      if (writing.write(formatChecksum(line))) return;
      await Promise.race([ended, new Promise<void>((drained) => writing.once('drain', () => drained()))]);
    },
    async close(complete) {
      writing.end();
      await ended;
      await rename(join(folder, next), join(folder, complete ? whole : partial));
      if (complete) await rm(old, { force: true });
    },
  };
}

async function* nothing(): AsyncGenerator<never> {}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
