import type { Duplex } from 'node:stream';
import { LcbError } from '@lcb/core';
import type { Connection } from 'mysql2';
import { socketOf } from './socket.ts';

/** Length and sequence number, which come before what a packet holds. */
const HEADER = 4;
/** A packet of this length is continued by the next one. */
const LARGEST = 0xffffff;
const ERROR = 0xff;
const END = 0xfe;
/** What begins with `END` and is longer is a value of 16 MiB or more. */
const LONGEST_END = 9;

type DataListener = (chunk: Buffer) => void;

/** Found once for each socket: what was found again would be what is put back here, and grow with each query. */
const drivers = new WeakMap<Duplex, DataListener>();

function driverOf(stream: Duplex): DataListener {
  const known = drivers.get(stream);
  if (known) return known;
  const [listener] = stream.listeners('data');
  if (listener === undefined)
    throw new LcbError({ code: 'internal', message: 'The driver of MySQL does not read from its socket.' });
  const driver = (chunk: Buffer) => void listener.call(stream, chunk);
  drivers.set(stream, driver);
  return driver;
}

/** Takes a row where it lies: its values are in `bytes` from `from` to `to`, and only until this returns. */
export type TakeRow = (bytes: Buffer, from: number, to: number) => void;

/**
 * Takes the rows of one query out of a connection's socket, before the driver makes values of them: all of a database passes here. The
 * driver itself sees the same result without rows. Reads the text protocol
 * (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html) as it is
 * without `CLIENT_DEPRECATE_EOF`, which the driver does not ask for.
 */
export class RowTap {
  readonly #stream: Duplex;
  readonly #take: TakeRow;
  /** The driver's own reading of the socket. */
  readonly #driver: DataListener;
  #isOn = false;
  /** Bytes that are not a whole packet yet, and how many are needed before they are looked at. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #needed = HEADER;
  /** Beginnings of a row that takes several packets. */
  #large: Buffer[] = [];
  /** Column definitions to come; undefined before the server has said how many. */
  #columns: number | undefined;
  #isInRows = false;
  /** Of the last packet that the driver has seen. */
  #sequence = 0;
  readonly #onData: DataListener = (chunk) => this.#read(chunk);

  /** To be put on right before the query is sent. */
  constructor(connection: Connection, take: TakeRow) {
    const stream = socketOf(connection);
    this.#stream = stream;
    this.#take = take;
    this.#driver = driverOf(stream);
    stream.removeAllListeners('data');
    stream.on('data', this.#onData);
    this.#isOn = true;
  }

  setPaused(isPaused: boolean): void {
    if (!this.#isOn) return;
    if (isPaused) this.#stream.pause();
    else this.#stream.resume();
  }

  #read(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#needed) return;
    const bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    let at = 0;
    this.#needed = HEADER;
    while (bytes.length - at >= HEADER) {
      const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
      const end = at + HEADER + length;
      if (end > bytes.length) {
        this.#needed = HEADER + length;
        break;
      }
      if (this.#isInRows && !this.#isLast(bytes, at, length)) {
        this.#row(bytes, at + HEADER, end);
      } else if (!this.#forward(bytes, at, end)) {
        this.#giveBack(bytes.subarray(end));
        return;
      }
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#pending = rest.length === 0 ? [] : [rest];
    this.#pendingBytes = rest.length;
  }

  /** Is this packet no row but the end of all rows, or an error? */
  #isLast(bytes: Buffer, at: number, length: number): boolean {
    if (this.#large.length > 0) return false;
    const first = bytes[at + HEADER];
    return first === ERROR || (first === END && length < LONGEST_END);
  }

  #row(bytes: Buffer, from: number, to: number): void {
    const isContinued = to - from === LARGEST;
    if (this.#large.length === 0 && !isContinued) {
      this.#take(bytes, from, to);
      return;
    }
    this.#large.push(bytes.subarray(from, to));
    if (isContinued) return;
    const whole = Buffer.concat(this.#large);
    this.#large = [];
    this.#take(whole, 0, whole.length);
  }

  /** Hands a packet to the driver. @returns whether more of the result follows. */
  #forward(bytes: Buffer, at: number, end: number): boolean {
    const first = bytes[at + HEADER] ?? ERROR;
    const isFirst = this.#columns === undefined;
    const isEnd = this.#isInRows || first === ERROR || (isFirst && first === 0);
    this.#sequence = isFirst ? (bytes[at + 3] ?? 0) : (this.#sequence + 1) & 0xff;
    // The driver has not seen the rows, and counts packets.
    bytes[at + 3] = this.#sequence;
    // Up to 250 in one byte, more of them in the two behind it.
    if (isFirst) this.#columns = first === 0xfc ? bytes.readUInt16LE(at + HEADER + 1) : first;
    else if (this.#columns === 0) this.#isInRows = true;
    else if (this.#columns !== undefined) this.#columns -= 1;
    this.#driver(bytes.subarray(at, end));
    return !isEnd;
  }

  #giveBack(rest: Buffer): void {
    this.#isOn = false;
    this.#stream.removeListener('data', this.#onData);
    this.#stream.on('data', this.#driver);
    this.#stream.resume();
    if (rest.length > 0) this.#driver(rest);
  }
}
