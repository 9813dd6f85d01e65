import { getEventListeners } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type ObjectStore, openLent, PreconditionFailedError } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { type S3Connection, s3Connection, s3Store } from '@lcb/store-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type FaultyS3, startFaultyS3 } from '../support/faulty-s3.ts';
import type { S3Operation } from '../support/s3-operation.ts';
import { versitygwProgram } from '../support/s3-programs.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import {
  chunksOf,
  collect,
  keysOf,
  numberedBytes,
  ownPrefix,
  readAll,
  sha256,
} from './object-store/bytes.ts';

const mebibyte = 2 ** 20;
const slowDown: Fault = { kind: 'error', status: 503, code: 'SlowDown' };

const withVersitygw = await requireOrSkip('versitygw', versitygwProgram);
withVersitygw('a bucket of a server that has a bad day', () => {
  let server: S3Server;
  let proxy: FaultyS3;
  let connection: S3Connection;
  let store: ObjectStore;
  let impatience: S3Connection;
  /** Waits half a second for an answer, and for more of a body. */
  let impatient: ObjectStore;
  beforeAll(async () => {
    server = await startS3Server('versitygw');
    await server.createBucket('library');
    proxy = await startFaultyS3(server.endpoint);
    const secrets = {
      resolve: async (ref: string) => (ref === 'env:ID' ? server.accessKeyId : server.secretAccessKey),
    };
    const options = {
      endpoint: proxy.endpoint,
      accessKeyId: 'env:ID',
      secretAccessKey: 'env:SECRET',
      multipartThreshold: 6 * mebibyte,
      partSize: 5 * mebibyte,
      copyThreshold: 8 * mebibyte,
      copyPartSize: 5 * mebibyte,
    };
    connection = s3Connection(options, secrets);
    store = s3Store('s3://library', connection);
    // Few bytes in parts, since a request may take longer the more it is about.
    const hurry = { requestMilliseconds: 500, idleMilliseconds: 500, multipartThreshold: 1000 };
    impatience = s3Connection({ ...options, ...hurry }, secrets);
    impatient = s3Store('s3://library', impatience);
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    connection.client.destroy();
    impatience.client.destroy();
    await proxy.stop();
    await server.stop();
  });

  /** One call of each operation; what it needs is there before. */
  const calls: readonly (readonly [S3Operation, (key: string) => Promise<unknown>])[] = [
    ['ListObjectsV2', () => keysOf(store.list())],
    ['ListObjectVersions', (key) => collect(store.listVersions?.({ prefix: key }) ?? [])],
    ['GetBucketVersioning', () => store.versioning?.() ?? Promise.reject()],
    ['HeadObject', (key) => store.head(key)],
    ['GetObject', (key) => readAll(store, key)],
    ['PutObject', (key) => store.put(key, Buffer.from('x'))],
    ['CopyObject', (key) => copy(key, 5)],
    ['DeleteObjects', (key) => store.deleteMany([{ key }])],
    ['CreateMultipartUpload', (key) => store.put(key, numberedBytes(11 * mebibyte, 1))],
    ['UploadPart', (key) => store.put(key, numberedBytes(11 * mebibyte, 1))],
    ['CompleteMultipartUpload', (key) => store.put(key, numberedBytes(11 * mebibyte, 1))],
  ];
  const copy = (key: string, size: number) =>
    store.copyFrom?.(store, key, `${key}-copy`, { size }) ?? Promise.reject();

  async function uploadsLeft(): Promise<number> {
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: 'library' }));
    return Uploads.length;
  }

  describe.each(calls)('%s', (operation, call) => {
    it('is tried again by the client while the server throttles or fails for a moment', async () => {
      const key = `${ownPrefix()}object`;
      await store.put(key, Buffer.from('12345'));
      proxy.heal();
      proxy.misbehave(slowDown, { operation, times: 1 });
      proxy.misbehave({ kind: 'error', status: 500, code: 'InternalError' }, { operation, times: 1 });
      await call(key);
      expect(proxy.count(operation)).toBeGreaterThanOrEqual(3);
    });

    it('fails in a way that may be tried again when it does not stop', async () => {
      const key = `${ownPrefix()}object`;
      await store.put(key, Buffer.from('12345'));
      proxy.misbehave(slowDown, { operation });
      await expect(call(key)).rejects.toMatchObject({ code: 'objectStore.unavailable', retryable: true });
      expect(await uploadsLeft()).toBe(0);
    });

    it.each([
      [403, 'AccessDenied', 'objectStore.denied'],
      [404, 'NoSuchBucket', 'objectStore.locationMissing'],
      [400, 'ExpiredToken', 'objectStore.credentials'],
      [403, 'InvalidAccessKeyId', 'objectStore.credentials'],
    ])('says of %i %s that it is %s, once and for all', async (status, code, expected) => {
      // A description has no body, so no code either.
      const isSilent = operation === 'HeadObject';
      if (isSilent && code !== 'AccessDenied') return;
      // A copy that is not allowed is answered with nothing, and streamed by the caller.
      if (operation === 'CopyObject' && code === 'AccessDenied') return;
      const key = `${ownPrefix()}object`;
      await store.put(key, Buffer.from('12345'));
      proxy.heal();
      proxy.misbehave({ kind: 'error', status, code }, { operation });
      await expect(call(key)).rejects.toMatchObject({ code: expected, retryable: false });
      // Parts are sent side by side: those that were on their way are each refused once.
      const once = operation === 'UploadPart' ? 3 : 1;
      expect(proxy.count(operation)).toBeLessThanOrEqual(once);
    });
  });

  it.each([
    ['a page', { kind: 'pretends', body: '<html><body>Please log in.</body></html>' }],
    ['nothing', { kind: 'pretends' }],
    [
      'a listing without its end',
      {
        kind: 'changes',
        change: (xml) => xml.replace('<IsTruncated>false<', '<IsTruncated>true<'),
      },
    ],
  ] satisfies [string, Fault][])('takes %s with 200 for no listing', async (_what, fault) => {
    const prefix = ownPrefix();
    await store.put(`${prefix}object`, Buffer.from('x'));
    proxy.misbehave(fault, { operation: 'ListObjectsV2' });
    proxy.misbehave(fault, { operation: 'ListObjectVersions' });
    const expected = { code: 'objectStore.noListing', retryable: true };
    await expect(keysOf(store.list({ prefix }))).rejects.toMatchObject(expected);
    await expect(collect(store.listVersions?.({ prefix }) ?? [])).rejects.toMatchObject(expected);
  });

  it('takes a listing of something else for no listing', async () => {
    const prefix = ownPrefix();
    await store.put(`${prefix}object`, Buffer.from('x'));
    const other: Fault = {
      kind: 'changes',
      change: (xml) => xml.replace(`<Key>${prefix}`, '<Key>elsewhere/'),
    };
    proxy.misbehave(other, { operation: 'ListObjectsV2' });
    proxy.misbehave(other, { operation: 'ListObjectVersions' });
    const expected = {
      code: 'objectStore.noListing',
      message: expect.stringContaining('"elsewhere/object"'),
      retryable: true,
    };
    // Whether the prefix is the location's or the listing's.
    for (const [at, below] of [
      [store, prefix],
      [s3Store(`s3://library/${prefix}`, connection), ''],
    ] as const) {
      await expect(keysOf(at.list({ prefix: below }))).rejects.toMatchObject(expected);
      await expect(collect(at.listVersions?.({ prefix: below }) ?? [])).rejects.toMatchObject(expected);
    }
  });

  it('names a listed key that is not UTF-8', async () => {
    const prefix = ownPrefix();
    await store.put(`${prefix}object`, Buffer.from('x'));
    const change = (xml: string) =>
      xml
        .replace(/<EncodingType>.*?<\/EncodingType>/, '')
        .replace('<IsTruncated>', '<EncodingType>url</EncodingType><IsTruncated>')
        .replace('object</Key>', '%ff</Key>');
    proxy.misbehave({ kind: 'changes', change }, { operation: 'ListObjectsV2' });
    proxy.misbehave({ kind: 'changes', change }, { operation: 'ListObjectVersions' });
    const expected = {
      code: 'objectStore.keyNotUtf8',
      message: expect.stringMatching(/^s3:\/\/library .*%ff"/),
      retryable: false,
    };
    await expect(keysOf(store.list({ prefix }))).rejects.toMatchObject(expected);
    await expect(collect(store.listVersions?.({ prefix }) ?? [])).rejects.toMatchObject(expected);
  });

  it('takes a page with 200 for no tags', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('x'), { tags: { a: 'b' } });
    proxy.misbehave({ kind: 'pretends', body: '<html></html>' }, { operation: 'GetObjectTagging' });
    await expect(store.head(key, { tags: true })).rejects.toMatchObject({ code: 'objectStore.noListing' });
  });

  it('says of a copy that is not there after all that it is damaged, not that the source is gone', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    const body = '<CopyObjectResult><ETag>"0"</ETag></CopyObjectResult>';
    proxy.misbehave({ kind: 'pretends', body }, { operation: 'CopyObject' });
    await expect(copy(key, 5)).rejects.toMatchObject({ code: 'integrity.mismatch' });
  });

  it.each([
    ['PutObject', (key) => store.put(key, Buffer.from('x'))],
    ['UploadPart', (key) => store.put(key, numberedBytes(11 * mebibyte, 1))],
    ['CompleteMultipartUpload', (key) => store.put(key, numberedBytes(11 * mebibyte, 1))],
    ['CopyObject', (key) => copy(key, 5)],
    ['UploadPartCopy', (key) => copy(key, 11 * mebibyte)],
  ] satisfies [S3Operation, (key: string) => Promise<unknown>][])(
    'takes no %s for done whose answer does not say what was written',
    async (operation, call) => {
      for (const body of [undefined, '<html><body>Please log in.</body></html>']) {
        const key = `${ownPrefix()}object`;
        await store.put(
          key,
          operation === 'UploadPartCopy' ? numberedBytes(11 * mebibyte, 1) : Buffer.from('12345'),
        );
        proxy.misbehave({ kind: 'pretends', ...(body === undefined ? {} : { body }) }, { operation });
        // Where an answer has to have a body, the client itself tries an empty one again.
        const code = expect.stringMatching(
          body === undefined ? /notConfirmed|unavailable/ : /^objectStore\.notConfirmed$/,
        );
        await expect(call(key)).rejects.toMatchObject({ code, retryable: true });
        proxy.heal();
      }
      expect(await uploadsLeft()).toBe(0);
    },
  );

  it('gives no half of an object for a whole one when the connection is cut', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, numberedBytes(2 * mebibyte, 1));
    proxy.misbehave({ kind: 'cutsBody', after: mebibyte }, { operation: 'GetObject' });
    await expect(readAll(store, key)).rejects.toMatchObject({
      code: 'objectStore.unavailable',
      retryable: true,
    });
  });

  it('notices a connection that is cut before anybody reads the object', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, numberedBytes(2000, 1));
    proxy.misbehave({ kind: 'cutsBody', after: 100 }, { operation: 'GetObject' });
    const { body } = await store.get(key, { tags: true });
    if (!body.closed) await new Promise((resolve) => body.once('close', resolve));
    await expect(buffer(body)).rejects.toMatchObject({ code: 'objectStore.unavailable', retryable: true });
  });

  it('does not wait for ever for a body that stops, nor for an answer', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, numberedBytes(2 * mebibyte, 1));
    proxy.misbehave({ kind: 'stopsBody', after: mebibyte }, { operation: 'GetObject' });
    await expect(readAll(impatient, key)).rejects.toThrow(/kept silent after 1048576 of 2097152 bytes/);
    proxy.misbehave({ kind: 'hangs' }, { operation: 'HeadObject' });
    await expect(impatient.head(key)).rejects.toMatchObject({
      code: 'objectStore.unavailable',
      retryable: true,
    });
  });

  it.each([
    ['ListObjectsV2', () => keysOf(impatient.list())],
    ['ListObjectVersions', () => collect(impatient.listVersions?.() ?? [])],
    ['GetObjectTagging', (key) => impatient.head(key, { tags: true })],
    ['CopyObject', (key) => impatient.copyFrom?.(impatient, key, `${key}-copy`, { size: 5 })],
    ['DeleteObjects', (key) => impatient.deleteMany([{ key }])],
    ['CompleteMultipartUpload', (key) => impatient.put(key, numberedBytes(2000, 1))],
  ] satisfies [S3Operation, (key: string) => Promise<unknown> | undefined][])(
    'does not wait for ever for the rest of an answer to %s',
    async (operation, call) => {
      const key = `${ownPrefix()}object`;
      await store.put(key, Buffer.from('12345'), { tags: { a: 'b' } });
      proxy.misbehave({ kind: 'stopsBody', after: 40 }, { operation });
      await expect(call(key)).rejects.toMatchObject({ code: 'objectStore.unavailable', retryable: true });
      proxy.heal();
      expect(await uploadsLeft()).toBe(0);
    },
  );

  it('stops waiting for the rest of an answer when it is told to', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    proxy.misbehave({ kind: 'stopsBody', after: 40 }, { operation: 'CopyObject' });
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const copied = store.copyFrom?.(store, key, `${key}-copy`, { size: 5, signal: abort.signal });
    setTimeout(() => abort.abort(reason), 300);
    await expect(copied).rejects.toBe(reason);
  });

  it('keeps neither a timer nor a listener of a request that was answered', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const { signal } = new AbortController();
    const before = timers();
    for (let times = 0; times < 20; times += 1) {
      await store.put(key, Buffer.from('12345'), { signal });
      await keysOf(store.list({ prefix: key }));
    }
    expect(timers() - before).toBeLessThan(20);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('lets a slow reader take its time', async () => {
    const key = `${ownPrefix()}object`;
    const bytes = numberedBytes(2 * mebibyte, 1);
    await store.put(key, bytes);
    const { body } = await impatient.get(key);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) {
      // Longer than a body of the server may keep silent.
      if (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('takes no error for a success because it came with 200', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    proxy.misbehave({ kind: 'errorIn200', code: 'InternalError' }, { operation: 'CopyObject' });
    await expect(copy(key, 5)).rejects.toMatchObject({ code: 'objectStore.unavailable', retryable: true });
    proxy.misbehave({ kind: 'errorIn200', code: 'SlowDown' }, { operation: 'CompleteMultipartUpload' });
    await expect(store.put(`${key}-2`, numberedBytes(11 * mebibyte, 1))).rejects.toMatchObject({
      retryable: true,
    });
    expect(await uploadsLeft()).toBe(0);
  });

  it('heals: what failed once in the middle is there in the end', async () => {
    const key = `${ownPrefix()}object`;
    proxy.misbehave({ kind: 'losesAnswer' }, { operation: 'UploadPart', from: 2, times: 1 });
    proxy.misbehave({ kind: 'errorIn200', code: 'InternalError' }, { operation: 'CopyObject', times: 1 });
    const bytes = numberedBytes(12 * mebibyte, 5);
    expect((await store.put(key, bytes)).checksum.value).toBe(sha256(bytes));
    expect((await readAll(store, key)).equals(bytes)).toBe(true);
    await store.put(key, Buffer.from('small'));
    expect(await copy(key, 5)).toMatchObject({ size: 5, checksum: { value: sha256(Buffer.from('small')) } });
  });

  it('leaves no part of an upload that fails, by the body, the signal or a part', async () => {
    const prefix = ownPrefix();
    const part = numberedBytes(6 * mebibyte, 1);
    const broken = new Error('the source broke off');
    await expect(store.put(`${prefix}a`, chunksOf(part, part, broken))).rejects.toBe(broken);
    const abort = new AbortController();
    const reason = new Error('cancelled');
    async function* aborting() {
      yield part;
      yield part;
      abort.abort(reason);
      yield part;
    }
    await expect(store.put(`${prefix}b`, aborting(), { signal: abort.signal })).rejects.toBe(reason);
    proxy.misbehave(
      { kind: 'error', status: 403, code: 'AccessDenied' },
      { operation: 'UploadPart', from: 2 },
    );
    await expect(store.put(`${prefix}c`, chunksOf(part, part))).rejects.toMatchObject({
      code: 'objectStore.denied',
    });
    proxy.misbehave(
      { kind: 'error', status: 403, code: 'AccessDenied' },
      { operation: 'UploadPartCopy', from: 2 },
    );
    await server.client.send(
      new PutObjectCommand({ Bucket: 'library', Key: `${prefix}large`, Body: Buffer.concat([part, part]) }),
    );
    expect(await copy(`${prefix}large`, 12 * mebibyte)).toBeUndefined();
    expect(await uploadsLeft()).toBe(0);
    expect(await keysOf(store.list({ prefix }))).toEqual([`${prefix}large`]);
  });

  it('holds no more in memory than it may, and all of it comes back, whatever fails', async () => {
    const prefix = ownPrefix();
    const memory = connection.partMemory;
    const bytes = numberedBytes(11 * mebibyte, 3);
    let most = 0;
    async function* watched() {
      for (let at = 0; at < bytes.length; at += mebibyte) {
        most = Math.max(most, memory.used);
        yield bytes.subarray(at, at + mebibyte);
      }
    }
    const putAll = () =>
      Promise.allSettled(
        Array.from({ length: 8 }, (_, number) =>
          store.put(`${prefix}${number}`, watched(), { size: bytes.length }),
        ),
      );
    for (const operation of ['UploadPart', 'CreateMultipartUpload', 'CompleteMultipartUpload'] as const) {
      proxy.misbehave({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation, from: 2 });
      expect((await putAll()).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
      expect(memory.used).toBe(0);
      proxy.heal();
    }
    const outcomes = await putAll();
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'fulfilled'));
    for (let number = 0; number < outcomes.length; number += 1)
      expect((await readAll(store, `${prefix}${number}`)).equals(bytes)).toBe(true);
    expect(most).toBeGreaterThan(5 * mebibyte);
    expect(most).toBeLessThanOrEqual(32 * mebibyte);
    expect(memory.used).toBe(0);
    expect(await uploadsLeft()).toBe(0);
  });

  it('never lends a part of an object for the whole of it, and asks the client where something is odd', async () => {
    const key = `${ownPrefix()}object`;
    const size = 5 * mebibyte;
    const bytes = numberedBytes(size, 1);
    await store.put(key, bytes);
    const lent = async () => {
      const { body } = await openLent(store, key, { size });
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    };
    for (const fault of [slowDown, { kind: 'losesAnswer' }] satisfies Fault[]) {
      proxy.misbehave(fault, { operation: 'GetObject', times: 1 });
      expect((await lent()).equals(bytes)).toBe(true);
      proxy.heal();
    }
    proxy.misbehave({ kind: 'cutsBody', after: 2 * mebibyte }, { operation: 'GetObject' });
    await expect(lent()).rejects.toMatchObject({ code: 'objectStore.unavailable', retryable: true });
    proxy.heal();
    proxy.misbehave({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'GetObject' });
    await expect(lent()).rejects.toMatchObject({ code: 'objectStore.denied', retryable: false });
  });

  it('says when parts could not be removed', async () => {
    proxy.misbehave(
      { kind: 'error', status: 403, code: 'AccessDenied' },
      { operation: 'AbortMultipartUpload' },
    );
    const broken = new Error('the source broke off');
    const put = store.put(`${ownPrefix()}a`, chunksOf(numberedBytes(7 * mebibyte, 1), broken));
    await expect(put).rejects.toMatchObject({ code: 'objectStore.partsLeft', cause: broken });
    proxy.heal();
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: 'library' }));
    expect(Uploads).toHaveLength(1);
    for (const { Key, UploadId } of Uploads)
      await server.client.send(new AbortMultipartUploadCommand({ Bucket: 'library', Key, UploadId }));
  });

  it('hears of single objects that could not be removed, though the answer is a success', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('x'));
    const error = `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>locked</Message></Error>`;
    proxy.misbehave(
      { kind: 'changes', change: () => `<DeleteResult>${error}</DeleteResult>` },
      { operation: 'DeleteObjects' },
    );
    await expect(store.deleteMany([{ key }])).rejects.toMatchObject({ code: 'objectStore.denied' });
  });

  it('creates once: an answer that was lost is not taken for leave to replace', async () => {
    const key = `${ownPrefix()}object`;
    proxy.misbehave({ kind: 'losesAnswer' }, { operation: 'PutObject', times: 1 });
    await expect(store.put(key, Buffer.from('mine'), { ifNoneMatch: '*' })).rejects.toBeInstanceOf(
      PreconditionFailedError,
    );
    expect((await readAll(store, key)).toString()).toBe('mine');
  });

  it('streams what it may not copy, and does not ask for each object again', async () => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    const other = s3Store('s3://library', connection);
    proxy.misbehave({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'CopyObject' });
    for (let times = 0; times < 3; times += 1)
      expect(await other.copyFrom?.(store, key, `${key}-2`, { size: 5 })).toBeUndefined();
    expect(proxy.count('CopyObject')).toBe(1);
  });

  it.each([
    [405, 'MethodNotAllowed'],
    [404, 'NotFound'],
    [501, 'NotImplemented'],
  ])('streams what the server does not copy, as it says with %i %s', async (status, code) => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    const other = s3Store('s3://library', connection);
    proxy.misbehave({ kind: 'error', status, code }, { operation: 'CopyObject' });
    expect(await other.copyFrom?.(store, key, `${key}-2`, { size: 5 })).toBeUndefined();
  });

  it.each([
    [405, 'MethodNotAllowed'],
    [404, 'Whatever'],
  ])('calls no object gone because of %i %s to something else', async (status, code) => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    proxy.misbehave({ kind: 'error', status, code });
    const expected = { code: 'objectStore.notOffered', retryable: false };
    await expect(keysOf(store.list())).rejects.toMatchObject(expected);
    await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject(expected);
    await expect(store.put(key, numberedBytes(11 * mebibyte, 1))).rejects.toMatchObject(expected);
    await expect(store.deleteMany([{ key }])).rejects.toMatchObject(expected);
    if (status === 404) return;
    await expect(store.head(key)).rejects.toMatchObject(expected);
    await expect(store.get(key)).rejects.toMatchObject(expected);
    await expect(store.deleteMany([{ key: `${key}\u0001` }])).rejects.toMatchObject(expected);
    // Of a version it says that it is a delete marker.
    expect(await store.head(key, { version: '1' })).toBeUndefined();
  });

  it.each([
    [404, 'NoSuchTagSet'],
    [404, 'NoSuchKey'],
    [405, 'MethodNotAllowed'],
    [501, 'NotImplemented'],
    [403, 'AccessDenied'],
  ])('takes %i %s for no tags, unless it has said that there are some', async (status, code) => {
    const key = `${ownPrefix()}object`;
    await store.put(key, Buffer.from('12345'));
    const count = (tags: string | undefined): Fault => ({
      kind: 'changesHeaders',
      change: ({ 'x-amz-tagging-count': _count, ...headers }) =>
        tags === undefined ? headers : { ...headers, 'x-amz-tagging-count': tags },
    });
    proxy.misbehave(count(undefined), { operation: 'HeadObject' });
    proxy.misbehave({ kind: 'error', status, code }, { operation: 'GetObjectTagging' });
    const described = await store.head(key, { tags: true });
    expect(described).toMatchObject({ size: 5 });
    expect(described).not.toHaveProperty('tags');
    expect(proxy.count('GetObjectTagging')).toBeGreaterThan(0);
    proxy.heal();
    proxy.misbehave(count('1'), { operation: 'HeadObject' });
    proxy.misbehave({ kind: 'error', status, code }, { operation: 'GetObjectTagging' });
    const told = store.head(key, { tags: true });
    // Gone in between, if its own key is what is not there.
    if (code === 'NoSuchKey') expect(await told).toBeUndefined();
    else await expect(told).rejects.toMatchObject({ retryable: false });
  });

  it('keeps the headers of a copy that is described anew', async () => {
    for (const size of [5, 11 * mebibyte]) {
      const Key = `${ownPrefix()}object`;
      const headers = {
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="a.txt"',
        ContentLanguage: 'de',
      };
      const Body = numberedBytes(size, 1);
      const put = new PutObjectCommand({
        Bucket: 'library',
        Key,
        Body,
        ContentType: 'text/html',
        ...headers,
      });
      await server.client.send(put);
      const description = { contentType: 'text/plain', metadata: { a: 'b' }, tags: { c: 'd' } };
      const other = s3Store('s3://library', connection);
      await other.copyFrom?.(other, Key, `${Key}-2`, { size, description });
      const head = await server.client.send(new HeadObjectCommand({ Bucket: 'library', Key: `${Key}-2` }));
      expect(head).toMatchObject({ ...headers, ContentType: 'text/plain', Metadata: { a: 'b' } });
      expect(await store.head(`${Key}-2`, { tags: true })).toMatchObject(description);
    }
  });

  it('never shows a secret', async () => {
    proxy.misbehave({
      kind: 'error',
      status: 403,
      code: 'SignatureDoesNotMatch',
      message: 'The signature does not match.',
    });
    const [outcome] = await Promise.allSettled([store.put('x', Buffer.from('x'))]);
    const shown = inspect(outcome, { depth: 20 });
    expect(shown).toContain('objectStore.credentials');
    expect(shown).not.toContain(server.secretAccessKey);
    expect(shown).not.toContain('Authorization');
  });
});
