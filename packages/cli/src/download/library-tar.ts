import { once } from 'node:events';
import { type EnvironmentRef, type IndexRow, mapOrdered, type ObjectStore, readCopy } from '@lcb/core';
import { type Pack, pack } from 'tar-stream';
import { z } from 'zod';

/** Objects up to this size are read ahead, as many at once as the concurrency says: a store answers slowly, not thinly. */
const readAheadBytes = 1024 * 1024;

const bytes = z.instanceof(Uint8Array);

interface Ahead {
  readonly row: IndexRow;
  /** Small objects are whole in memory by now. */
  readonly content: Buffer | undefined;
}

/** A library as one tar archive in pax format: keys are the members' names. Flat memory for any number and size. */
export async function* libraryTar(
  rows: AsyncIterable<IndexRow>,
  source: { readonly backups: ObjectStore; readonly ref: EnvironmentRef },
  concurrency: number,
): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const ahead = mapOrdered(rows, concurrency, async (row): Promise<Ahead> => {
    const small = row.size <= readAheadBytes;
    return { row, content: small ? await whole(readCopy(source.backups, source.ref, row)) : undefined };
  });
  const filling = fill(archive, ahead, source);
  filling.catch((error: unknown) => archive.destroy(asError(error)));
  try {
    for await (const chunk of archive) yield bytes.parse(chunk);
    await filling;
  } finally {
    archive.destroy();
    await filling.catch(() => undefined);
  }
}

async function fill(
  archive: Pack,
  ahead: AsyncIterable<Ahead>,
  source: { readonly backups: ObjectStore; readonly ref: EnvironmentRef },
): Promise<void> {
  for await (const { row, content } of ahead) {
    await addMember(
      archive,
      row,
      content === undefined ? readCopy(source.backups, source.ref, row) : [content],
    );
  }
  archive.finalize();
}

/** @throws what the body throws, and when whoever reads the archive has gone */
async function addMember(
  archive: Pack,
  row: IndexRow,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const { key: name, size, lastModified } = row;
  const mtime = new Date(lastModified);
  // The plain header has whole seconds; the pax one keeps the milliseconds.
  const pax = { mtime: (mtime.getTime() / 1000).toFixed(3) };
  await new Promise<void>((done, fail) => {
    const ended = () => fail(new Error('The archive was closed before its end.'));
    archive.once('close', ended);
    const entry = archive.entry({ name, size, mtime, mode: 0o644, type: 'file', pax }, (error) => {
      archive.off('close', ended);
      if (error) fail(error);
      else done();
    });
    feed(entry, body).catch((error: unknown) => {
      archive.off('close', ended);
      fail(asError(error));
      archive.destroy(asError(error));
    });
  });
}

async function feed(
  entry: NodeJS.WritableStream,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const closed = new AbortController();
  entry.once('close', () => closed.abort());
  for await (const chunk of body) {
    if (!entry.write(chunk)) await once(entry, 'drain', { signal: closed.signal });
  }
  entry.end();
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
