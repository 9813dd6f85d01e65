import type pg from 'pg';
import { z } from 'zod';

/** The server sends a message for each row; so many bytes of rows are passed on at a time. */
const GATHERED = 256 * 1024;
/** So many of those may wait for their reader before the server has to. */
const MOST_WAITING = 2;

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
  readonly #waiting: Buffer[] = [];
  /** Memory that its reader has given back. Allocating it anew would cost as much as anything else here. */
  readonly #free: Buffer[] = [];
  #connection: pg.Connection | undefined;
  /** The driver's own reading of the socket, which goes on after the last row. */
  #driver: DataListener | undefined;
  #chunk: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Of a header that was cut. */
  #header: Buffer = Buffer.alloc(0);
  /** Of the message that is being read. */
  #left = 0;
  #isRow = false;
  #isPaused = false;
  #end: { readonly error?: unknown } | undefined;
  #wake = () => {};
  readonly #onData: DataListener = (chunk) => this.#read(chunk);

  constructor(sql: string) {
    this.#sql = sql;
  }

  /**
   * Ends after the server's last word of it. To be read to the end, or the connection closed. A chunk is the reader's until he
   * asks for the next: then its memory is used again.
   */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk) {
        if (this.#isPaused) this.#pause(false);
        yield chunk;
        if (this.#free.length < MOST_WAITING) this.#free.push(chunk);
      } else if (this.#end) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
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
    this.#finish({ error });
  }

  handleCommandComplete(message: unknown): void {
    const [, count] = /^COPY (\d+)/.exec(commandComplete.parse(message).text) ?? [];
    this.rowCount = Number(count ?? 0);
  }

  handleReadyForQuery(): void {
    this.#finish({});
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
      if (this.#length === this.#chunk.length) {
        this.#passOn();
        this.#chunk = this.#free.pop() ?? Buffer.allocUnsafeSlow(GATHERED);
      }
      const copied = bytes.copy(this.#chunk, this.#length, at, to);
      this.#length += copied;
      at += copied;
    }
  }

  /** What was gathered is the reader's from now on. */
  #passOn(): void {
    if (this.#length > 0) this.#waiting.push(this.#chunk.subarray(0, this.#length));
    this.#chunk = Buffer.alloc(0);
    this.#length = 0;
    if (this.#waiting.length >= MOST_WAITING) this.#pause(true);
    this.#wake();
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    const stream = this.#connection?.stream;
    if (isPaused) stream?.pause();
    else stream?.resume();
  }

  /** The rows are over, well or not: what follows is for the driver. */
  #giveBack(rest: Buffer): void {
    const [stream, driver] = [this.#connection?.stream, this.#driver];
    this.#driver = undefined;
    if (!stream || !driver) return;
    this.#passOn();
    stream.removeListener('data', this.#onData);
    stream.on('data', driver);
    if (this.#isPaused) this.#pause(false);
    // CopyDone has nothing in it, and the driver no use for it.
    driver(rest[0] === COPY_DONE ? rest.subarray(HEADER) : rest);
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wake();
  }
}
