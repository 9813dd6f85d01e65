import type pg from 'pg';
import { z } from 'zod';
import { ChunkQueue } from '../../stream/chunk-queue.ts';

/** Type and length, which come before what a message holds. */
const HEADER = 5;
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
/** CopyOutResponse, and what a server may say at any time: ParameterStatus, NoticeResponse, NotificationResponse. */
const PASSED_OVER: ReadonlySet<number> = new Set([0x48, 0x53, 0x4e, 0x41]);

const commandComplete = z.object({ text: z.string() });

type DataListener = (chunk: Buffer) => void;

/**
 * A `COPY … TO STDOUT` of the driver's, as an iteration over its rows in large chunks. Reads the protocol by itself
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY): rows go from the socket's buffers into those
 * chunks and nowhere else on the way, since this is where all of a database passes.
 */
export class CopyOut implements pg.Submittable {
  /** As the server says once it has sent all. */
  rowCount = 0;
  readonly #sql: string;
  readonly #chunks = new ChunkQueue((isPaused) => this.#pause(isPaused));
  #connection: pg.Connection | undefined;
  /** The driver's own reading of the socket, which goes on after the last row. */
  #driver: DataListener | undefined;
  /** Of a header that was cut. */
  #header: Buffer = Buffer.alloc(0);
  /** Of the message that is being read. */
  #left = 0;
  #isRow = false;
  readonly #onData: DataListener = (chunk) => this.#read(chunk);

  constructor(sql: string) {
    this.#sql = sql;
  }

  /**
   * Ends after the server's last word of it. To be read to the end, or the connection closed. A chunk is the reader's until he
   * asks for the next: then its memory is used again.
   */
  rows(): AsyncGenerator<Buffer> {
    return this.#chunks.chunks();
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection;
    const [driver] = connection.stream.listeners('data');
    this.#driver = (chunk) => driver?.call(connection.stream, chunk);
    connection.stream.removeAllListeners('data');
    connection.stream.on('data', this.#onData);
    connection.query(this.#sql);
  }

  handleError(error: unknown): void {
    this.#chunks.finish({ error });
  }

  handleCommandComplete(message: unknown): void {
    const [, count] = /^COPY (\d+)/.exec(commandComplete.parse(message).text) ?? [];
    this.rowCount = Number(count ?? 0);
  }

  handleReadyForQuery(): void {
    this.#chunks.finish({});
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const to = Math.min(at + this.#left, chunk.length);
        if (this.#isRow) this.#gather(chunk, at, to);
        this.#left -= to - at;
        at = to;
      } else if (this.#header.length > 0 || at + HEADER > chunk.length) {
        const to = Math.min(at + HEADER - this.#header.length, chunk.length);
        this.#header = Buffer.concat([this.#header, chunk.subarray(at, to)]);
        at = to;
        if (this.#header.length < HEADER) return;
        const header = this.#header;
        this.#header = Buffer.alloc(0);
        if (this.#begins(header, 0)) continue;
        this.#giveBack(Buffer.concat([header, chunk.subarray(at)]));
        return;
      } else if (this.#begins(chunk, at)) {
        at += HEADER;
      } else {
        this.#giveBack(chunk.subarray(at));
        return;
      }
    }
  }

  /** Reads a header. @returns false where what begins there is the driver's to read. */
  #begins(bytes: Buffer, at: number): boolean {
    const type = bytes[at] ?? 0;
    this.#isRow = type === COPY_DATA;
    if (!this.#isRow && !PASSED_OVER.has(type)) return false;
    this.#left = bytes.readUInt32BE(at + 1) - 4;
    return true;
  }

  #gather(bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const copied = bytes.copy(this.#chunks.room(1), this.#chunks.filled, at, to);
      this.#chunks.filled += copied;
      at += copied;
    }
  }

  #pause(isPaused: boolean): void {
    const stream = this.#connection?.stream;
    if (isPaused) stream?.pause();
    else stream?.resume();
  }

  /** The rows are over, well or not: what follows is for the driver. */
  #giveBack(rest: Buffer): void {
    const [stream, driver] = [this.#connection?.stream, this.#driver];
    this.#driver = undefined;
    if (!stream || !driver) return;
    this.#chunks.passOn();
    stream.removeListener('data', this.#onData);
    stream.on('data', driver);
    this.#pause(false);
    // CopyDone has nothing in it, and the driver no use for it.
    driver(rest[0] === COPY_DONE ? rest.subarray(HEADER) : rest);
  }
}
