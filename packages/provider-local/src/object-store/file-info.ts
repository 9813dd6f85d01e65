import type { BigIntStats } from 'node:fs';
import type { ObjectInfo } from '@lcb/core';

const nanosecondsPerMillisecond = 1_000_000n;

/** What a store says of a file: a file system holds neither content type nor metadata nor versions. */
export function fileInfo(key: string, stats: BigIntStats): ObjectInfo {
  return { key, size: Number(stats.size), etag: fileEtag(stats), lastModified: modifiedTime(stats) };
}

/**
 * Differs whenever the bytes may differ, judging by what the system keeps of a file: size, time of the last write,
 * inode, and ctime. Tools that write and then put the old time back (`touch -r`, `rsync -t --inplace`) can't put ctime
 * back. So `chmod`, `chown` or a new name give another etag too, though the bytes are the same: an object is then copied
 * once more, which costs time but never a wrong backup. Two writes in place of equal size within one tick of the
 * kernel's clock (10 ms at most) look like one; Liferay gives every version of a file a name of its own.
 */
export function fileEtag(stats: BigIntStats): string {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].map((part) => part.toString(36)).join('-');
}

function modifiedTime(stats: BigIntStats): string {
  // Rounds down before 1970 too, where BigInt's own division rounds up.
  const beyond =
    ((stats.mtimeNs % nanosecondsPerMillisecond) + nanosecondsPerMillisecond) % nanosecondsPerMillisecond;
  return new Date(Number((stats.mtimeNs - beyond) / nanosecondsPerMillisecond)).toISOString();
}
