import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TOOLS } from './repository.mjs';
import { say } from './say.mjs';

const LOCK = join(TOOLS, '.lock');
const HEARTBEAT_MS = 2_000;
/** A holder that gave no sign for so long is dead, or on a machine that is. */
const STALE_MS = 30_000;

/**
 * Runs `work` while no other process of this checkout does. Waits for the one that does; takes over from one that died.
 *
 * @param {() => Promise<void>} work
 */
export async function withLock(work) {
  await mkdir(TOOLS, { recursive: true });
  for (let waited = false; !(await take()); waited = true) {
    if (await isAbandoned()) await remove();
    else if (!waited) say('another process sets up this checkout; waiting for it');
    await delay(100);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A lock that is gone is noticed by nobody but the one who took it for dead.
    utimes(LOCK, now, now).catch(() => clearInterval(heartbeat));
  }, HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    await remove();
  }
}

async function take() {
  try {
    await mkdir(LOCK);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(LOCK, 'holder.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

async function isAbandoned() {
  try {
    const { mtimeMs } = await stat(LOCK);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    const { pid, host } = JSON.parse(await readFile(join(LOCK, 'holder.json'), 'utf8'));
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // ESRCH: the holder is gone. Anything else: the lock is just being taken, or given back.
    return codeOf(error) === 'ESRCH';
  }
}

/** Renamed first: of two processes that remove the same lock only one can, and none removes half of a new one. */
async function remove() {
  const aside = `${LOCK}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(LOCK, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
