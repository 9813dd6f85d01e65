import { LcbError } from '@lcb/core';
import type { ChunkQueue } from '../../../stream/chunk-queue.ts';
import type { RowWriter } from '../../connection/session.ts';
import { TextEscaper } from './text-escaper.ts';

/** How a value is written: as the server sends it, in quotes, or in hexadecimal. */
export type ValueKind = 'number' | 'text' | 'binary';

/** What the dump programs do, too: a statement has to fit into `max_allowed_packet`, and a client keeps it in memory. */
const STATEMENT = 1_000_000;

const NULL_VALUE = 0xfb;
const QUOTE = 0x27;
const COMMA = 0x2c;
const [OPEN, CLOSE, SEMICOLON, LINE_FEED] = [0x28, 0x29, 0x3b, 0x0a];
const HEX = Buffer.from('0123456789ABCDEF');
const [CAPITAL_N, CAPITAL_U, CAPITAL_L] = [0x4e, 0x55, 0x4c];
const [ZERO, SMALL_X] = [0x30, 0x78];

/** Of one value beside its own bytes: quotes or `0x`, and a comma. */
const AROUND = 4;

/**
 * Writes rows of the text protocol as the `INSERT` statements of a dump. Strings arrive in UTF-8, in which no byte of a longer character
 * looks like one that has to be escaped.
 */
export class InsertWriter implements RowWriter {
  /** Rows that were written. */
  rows = 0;
  readonly #head: Buffer;
  readonly #kinds: readonly ValueKind[];
  readonly #text = new TextEscaper();
  readonly #chunks: ChunkQueue;
  /** Bytes of the statement that is being written; 0 between two. */
  #statement = 0;

  /** @param into such as `` `a`.`b` (`id`, `text`) `` */
  constructor(into: string, kinds: readonly ValueKind[], chunks: ChunkQueue) {
    this.#head = Buffer.from(`INSERT INTO ${into} VALUES\n`);
    this.#kinds = kinds;
    this.#chunks = chunks;
  }

  row = (bytes: Buffer, from: number, to: number): void => {
    // Every byte escaped or in hexadecimal.
    const most = 2 * (to - from) + AROUND * (this.#kinds.length + 1);
    if (this.#statement + most > STATEMENT) this.end();
    const target = this.#chunks.room(most + this.#head.length);
    const start = this.#chunks.filled;
    let at = start;
    if (this.#statement === 0) at += this.#head.copy(target, at);
    else {
      target[at++] = COMMA;
      target[at++] = LINE_FEED;
    }
    at = writeRow(target, at, this.#kinds, this.#text, bytes, from, to);
    this.#chunks.filled = at;
    this.#statement += at - start;
    this.rows += 1;
  };

  end = (): void => {
    if (this.#statement === 0) return;
    const target = this.#chunks.room(2);
    target[this.#chunks.filled++] = SEMICOLON;
    target[this.#chunks.filled++] = LINE_FEED;
    this.#statement = 0;
  };
}

/** @returns where what was written ends. */
function writeRow(
  target: Uint8Array,
  start: number,
  kinds: readonly ValueKind[],
  text: TextEscaper,
  bytes: Buffer,
  from: number,
  to: number,
): number {
  let out = start;
  let at = from;
  target[out++] = OPEN;
  for (let index = 0; index < kinds.length; index++) {
    if (index > 0) target[out++] = COMMA;
    const first = bytes[at++] ?? 0;
    if (first === NULL_VALUE) {
      target[out++] = CAPITAL_N;
      target[out++] = CAPITAL_U;
      target[out++] = CAPITAL_L;
      target[out++] = CAPITAL_L;
      continue;
    }
    let length = first;
    if (first > NULL_VALUE) {
      const width = first === 0xfc ? 2 : first === 0xfd ? 3 : 6;
      length = bytes.readUIntLE(at, width);
      at += first === 0xfe ? 8 : width;
    }
    const end = at + length;
    if (end > to) throw malformed();
    const kind = kinds[index];
    if (kind === 'number') out = writeNumber(target, out, bytes, at, end);
    else if (kind === 'text') out = text.write(target, out, bytes, at, end);
    else out = writeBinary(target, out, bytes, at, end);
    at = end;
  }
  if (at !== to) throw malformed();
  target[out++] = CLOSE;
  return out;
}

function writeNumber(target: Uint8Array, start: number, bytes: Uint8Array, from: number, to: number): number {
  let out = start;
  for (let at = from; at < to; at++) target[out++] = bytes[at] ?? 0;
  return out;
}

function writeBinary(target: Uint8Array, start: number, bytes: Uint8Array, from: number, to: number): number {
  let out = start;
  // `0x` alone is a name.
  if (from === to) {
    target[out++] = QUOTE;
    target[out++] = QUOTE;
    return out;
  }
  target[out++] = ZERO;
  target[out++] = SMALL_X;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    target[out++] = HEX[byte >> 4] ?? 0;
    target[out++] = HEX[byte & 15] ?? 0;
  }
  return out;
}

function malformed(): LcbError {
  return new LcbError({
    code: 'database.dumpUnreadable',
    message:
      'The server sent a row that has not as many values as were asked for. Report this with its version.',
  });
}
