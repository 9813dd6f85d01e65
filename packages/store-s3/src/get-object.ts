import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { LcbError, type OpenObject, type ReadOptions } from '@lcb/core';
import { type Bucket, fullKey } from './bucket.ts';
import { describedObject, quotedEtag } from './object-info.ts';
import { s3Error, where } from './s3-error.ts';
import { send } from './send.ts';
import { tagsOf } from './tags.ts';

export async function getObject(bucket: Bucket, key: string, options: ReadOptions): Promise<OpenObject> {
  const Key = fullKey(bucket, key);
  const { version, ifMatch, tags } = options;
  const object = { Bucket: bucket.name, Key, ...(version === undefined ? {} : { VersionId: version }) };
  const condition = ifMatch === undefined ? {} : { IfMatch: quotedEtag(ifMatch) };
  const answer = await send(bucket, { key, object: { version } }, (client, control) =>
    client.send(new GetObjectCommand({ ...object, ...condition }), control),
  );
  const { Body, ContentLength, TagCount } = answer;
  if (!(Body instanceof Readable) || ContentLength === undefined) {
    throw new LcbError({
      code: 'objectStore.failed',
      message: `${where(bucket.location, key)}: the server does not say how many bytes the object has.`,
    });
  }
  const info = describedObject(key, answer, ContentLength);
  // At once: a connection may be lost while the tags are asked for.
  const body = bodyOf(bucket, key, Body, ContentLength);
  // Whoever is never read must not fail without a listener.
  body.on('error', () => undefined);
  try {
    // Every server counts them here, and says nothing where there are none.
    const found = tags === true ? await tagsOf(bucket, { key }, object, TagCount ?? 0) : undefined;
    return { info: found === undefined ? info : { ...info, tags: found }, body };
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** Exactly the bytes that were announced, or an error: a connection that ends early, or keeps silent, may be tried again. */
function bodyOf(bucket: Bucket, key: string, source: Readable, size: number): Readable {
  const { location, connection } = bucket;
  let position = 0;
  const body = new Readable({
    highWaterMark: 256 * 1024,
    read() {
      source.resume();
      idle.refresh();
    },
    destroy(error, done) {
      clearTimeout(idle);
      source.destroy();
      done(error);
    },
  });
  const fail = (reason: string): void => {
    body.destroy(
      new LcbError({
        code: 'objectStore.unavailable',
        message: `${where(location, key)}: ${reason} after ${position} of ${size} bytes. Read it again.`,
        retryable: true,
      }),
    );
  };
  const idle = setTimeout(() => {
    // While the reader holds the body back, silence is no fault of the server.
    if (source.isPaused()) idle.refresh();
    else fail('the server kept silent');
  }, connection.idleMilliseconds);
  source.on('data', (chunk: Buffer) => {
    position += chunk.length;
    if (position > size) fail('there are more bytes than announced');
    else if (!body.push(chunk)) source.pause();
    idle.refresh();
  });
  source.once('end', () => {
    clearTimeout(idle);
    if (position === size) body.push(null);
    else fail('the body ended');
  });
  source.once('error', (error) => {
    const mine = s3Error(location, key, error);
    if (LcbError.isInstance(mine) && mine.retryable) fail('the connection was lost');
    else body.destroy(mine instanceof Error ? mine : error);
  });
  source.once('close', () => {
    if (!source.readableEnded && !body.destroyed) fail('the connection was closed');
  });
  source.pause();
  // Nothing more is heard of what has ended before it was listened to.
  if (source.destroyed) fail('the connection was lost');
  return body;
}
