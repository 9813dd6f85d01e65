import { setTimeout as pause } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import pg from 'pg';
import type { S3Server } from './s3-server.ts';

export type Deed = 'added' | 'uploadedInParts' | 'replaced' | 'deleted' | 'rolledBack';

/** Writers that never stop: each works on files of its own, as a Liferay with several users does. */
export interface BusyLiferay {
  /** How often each was done. */
  readonly done: Readonly<Record<Deed, number>>;
  /** Ends what is under way. @throws what a writer failed with */
  stop(): Promise<void>;
}

export interface BusyPlace {
  readonly databaseUrl: string;
  readonly server: S3Server;
  readonly bucket: string;
  readonly prefix: string;
}

/** Names of the files that writers make begin so. */
export const busyName = 'busy-';

interface File {
  readonly id: number;
  readonly key: string;
  size: number;
}

/** Least bytes that a part of an upload has, unless it is the last. */
const partSize = 5 * 2 ** 20;
const writers = 4;
/** A transaction may stay open for so long after its object was written or removed. */
const longestCommitMilliseconds = 400;

/** Bytes that tell of which file and which size they are: whoever has the size right and the bytes wrong is found out. */
export function busyContent(key: string, size: number): Buffer {
  return Buffer.alloc(size, `${key}#${size}\n`);
}

export function startBusyLiferay(place: BusyPlace): BusyLiferay {
  const done: Record<Deed, number> = { added: 0, uploadedInParts: 0, replaced: 0, deleted: 0, rolledBack: 0 };
  const stopping = new AbortController();
  const running = Promise.all(
    Array.from({ length: writers }, (_, number) => new Writer(place, number, done).work(stopping.signal)),
  );
  // Told by `stop`.
  running.catch(() => undefined);
  return {
    done,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

class Writer {
  readonly #place: BusyPlace;
  readonly #done: Record<Deed, number>;
  readonly #files: File[] = [];
  #lastId: number;
  #lastSize = 200;

  constructor(place: BusyPlace, number: number, done: Record<Deed, number>) {
    this.#place = place;
    this.#done = done;
    this.#lastId = 50_000_000 + number * 1_000_000;
  }

  async work(signal: AbortSignal): Promise<void> {
    const client = new pg.Client({ connectionString: this.#place.databaseUrl });
    await client.connect();
    try {
      while (!signal.aborted) {
        const deed = this.#choose();
        await this.#do(deed, client);
        this.#done[deed] += 1;
      }
    } finally {
      await client.end();
    }
  }

  #choose(): Deed {
    if (this.#files.length < 5) return 'added';
    const chance = Math.random();
    if (chance < 0.04) return 'uploadedInParts';
    if (chance < 0.35) return 'added';
    if (chance < 0.65) return 'replaced';
    return chance < 0.9 ? 'deleted' : 'rolledBack';
  }

  async #do(deed: Deed, client: pg.Client): Promise<void> {
    await client.query('begin');
    switch (deed) {
      case 'added':
      case 'uploadedInParts':
      case 'rolledBack': {
        const size = deed === 'uploadedInParts' ? partSize + this.#newSize() : this.#newSize();
        const file = await this.#insert(client, size);
        if (deed === 'uploadedInParts') await this.#putInParts(file);
        else await this.#put(file);
        await late();
        if (deed !== 'rolledBack') {
          await client.query('commit');
          this.#files.push(file);
          return;
        }
        await client.query('rollback');
        // What a transaction leaves behind that was rolled back is removed by Liferay, later or never.
        if (Math.random() < 0.5) await this.#remove(file);
        return;
      }
      case 'replaced': {
        const file = this.#any();
        const changed = { ...file, size: this.#newSize() };
        for (const table of ['dlfileentry', 'dlfileversion'])
          await client.query(`update lportal.${table} set size_ = $1 where fileentryid = $2`, [
            changed.size,
            file.id,
          ]);
        await this.#put(changed);
        await late();
        await client.query('commit');
        file.size = changed.size;
        return;
      }
      case 'deleted': {
        const file = this.#any();
        for (const table of ['dlfileversion', 'dlfileentry'])
          await client.query(`delete from lportal.${table} where fileentryid = $1`, [file.id]);
        await this.#remove(file);
        await late();
        await client.query('commit');
        this.#files.splice(this.#files.indexOf(file), 1);
      }
    }
  }

  #any(): File {
    const file = this.#files[Math.floor(Math.random() * this.#files.length)];
    if (file === undefined) throw new RangeError('There is no file yet.');
    return file;
  }

  /** Never the same twice, so that a size tells which of its contents a file has. */
  #newSize(): number {
    this.#lastSize += 1;
    return this.#lastSize;
  }

  async #insert(client: pg.Client, size: number): Promise<File> {
    this.#lastId += 1;
    const id = this.#lastId;
    const name = `${busyName}${id}`;
    const own = {
      fileentryid: id,
      fileversionid: id,
      uuid_: name,
      externalreferencecode: name,
      name,
      title: name,
      filename: name,
      version: '1.0',
      storeuuid: null,
      size_: size,
    };
    for (const table of ['dlfileentry', 'dlfileversion'])
      await client.query(
        `insert into lportal.${table} select filled.* from
           (select * from lportal.${table} where ctcollectionid = 0 and fileentryid < 50000000 order by fileentryid limit 1) one,
           jsonb_populate_record(null::lportal.${table}, to_jsonb(one) || $1) filled`,
        [JSON.stringify(own)],
      );
    const { rows } = await client.query<{ folder: string }>(
      `select companyid || '/' || case when folderid = 0 then repositoryid else folderid end as folder
       from lportal.dlfileentry where fileentryid = $1`,
      [id],
    );
    return { id, key: `${rows[0]?.folder}/${name}/1.0`, size };
  }

  #at({ key }: File) {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key };
  }

  async #put(file: File): Promise<void> {
    const Body = busyContent(file.key, file.size);
    await this.#place.server.client.send(new PutObjectCommand({ ...this.#at(file), Body }));
  }

  async #putInParts(file: File): Promise<void> {
    const { client } = this.#place.server;
    const whole = busyContent(file.key, file.size);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(this.#at(file)));
    const Parts = [];
    for (const [index, Body] of [whole.subarray(0, partSize), whole.subarray(partSize)].entries()) {
      const part = { ...this.#at(file), UploadId, PartNumber: index + 1 };
      const { ETag } = await client.send(new UploadPartCommand({ ...part, Body }));
      Parts.push({ ETag, PartNumber: index + 1 });
      await late();
    }
    const completed = { ...this.#at(file), UploadId, MultipartUpload: { Parts } };
    await client.send(new CompleteMultipartUploadCommand(completed));
  }

  async #remove(file: File): Promise<void> {
    await this.#place.server.client.send(new DeleteObjectCommand(this.#at(file)));
  }
}

/** What goes on between the object and the commit. */
function late(): Promise<void> {
  return pause(Math.random() ** 3 * longestCommitMilliseconds);
}
