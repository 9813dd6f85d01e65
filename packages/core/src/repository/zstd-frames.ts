const frameMagic = 0xfd2fb528;
/** Sixteen of them, for frames that hold something else than what was compressed. */
const firstSkippableMagic = 0x184d2a50;
const repeatedByte = 1;
const reserved = 3;

/** By its first four bytes; pzstd begins with a frame that is skipped. */
export function isZstd(first: Buffer): boolean {
  if (first.length < 4) return false;
  const magic = first.readUInt32LE(0);
  return magic === frameMagic || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return magic >= firstSkippableMagic && magic < firstSkippableMagic + 16;
}

/** What the format wants next: a number of so many bytes, or to pass over so many. */
type Wanted = { readonly field: number } | { readonly skip: number };

/** Worded to be followed by a full stop, and of a code as Node's own errors of zstd have it. */
class ZstdFrameError extends Error {
  readonly code = 'ZSTD_frame';
}

/**
 * Passes zstd data on so that no chunk holds the end of one frame and the beginning of the next, and fails where it ends inside of a frame
 * or goes on with something else. A file may have any number of frames (`cat a.zst b.zst`, pzstd, a download of several dumps); Node's
 * decompressor reads the next one only from a chunk of its own, takes what is behind a frame in the same chunk for the end of
 * everything, and says nothing of a frame that is cut off.
 */
async function* wholeZstdFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const cursor = new FrameCursor();
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; ) {
      const to = cursor.take(chunk, from);
      yield chunk.subarray(from, to);
      from = to;
    }
  }
  cursor.end();
}

/** What stands before the decompressor: gzip knows by itself where its members end, and Node that it does. */
export function wholeFrames(compression: 'gzip' | 'zstd') {
  return (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
    compression === 'zstd' ? wholeZstdFrames(source) : source;
}

/** Knows at every byte where in a frame it is, and holds none of them. */
class FrameCursor {
  #frame = frame(0);
  #wanted: Wanted = { field: 4 };
  /** Bytes of what is wanted that have not come yet. */
  #left = 4;
  #number = 0;
  #digits = 0;
  #position = 0;
  #frameStart = 0;

  constructor() {
    this.#begin();
  }

  /** @returns where the frame ends in this chunk, or the chunk's length */
  take(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      at += 'field' in this.#wanted ? this.#read(chunk[at] ?? 0) : this.#pass(chunk.length - at);
      if (this.#left === 0 && this.#isFrameEnd()) break;
    }
    return at;
  }

  end(): void {
    if (this.#position === 0) throw new ZstdFrameError('it is empty');
    if (this.#position !== this.#frameStart)
      throw new ZstdFrameError(`it is cut off, inside of the frame that begins at byte ${this.#frameStart}`);
  }

  #begin(): void {
    this.#frameStart = this.#position;
    this.#frame = frame(this.#position);
    const first = this.#frame.next();
    if (first.done !== true) this.#want(first.value);
  }

  #want(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#left = 'field' in wanted ? wanted.field : wanted.skip;
    this.#number = 0;
    this.#digits = 0;
  }

  /** Numbers have their lowest byte first. */
  #read(byte: number): number {
    this.#number += byte * 256 ** this.#digits;
    this.#digits += 1;
    this.#left -= 1;
    this.#position += 1;
    return 1;
  }

  #pass(most: number): number {
    const bytes = Math.min(most, this.#left);
    this.#left -= bytes;
    this.#position += bytes;
    return bytes;
  }

  /** Goes on to what is wanted next; some of it has no bytes. */
  #isFrameEnd(): boolean {
    while (this.#left === 0) {
      const next = this.#frame.next(this.#number);
      if (next.done === true) {
        this.#begin();
        return true;
      }
      this.#want(next.value);
    }
    return false;
  }
}

/** The parts of one frame (RFC 8878, 3.1): only their lengths; what is in them is the decompressor's business. */
function* frame(start: number): Generator<Wanted, void, number> {
  const magic = yield { field: 4 };
  if (isSkippable(magic)) {
    yield { skip: yield { field: 4 } };
    return;
  }
  if (magic !== frameMagic) throw new ZstdFrameError(`what begins at byte ${start} is no zstd`);
  const descriptor = yield { field: 1 };
  const isOneSegment = (descriptor & 0b10_0000) !== 0;
  const windowBytes = isOneSegment ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0b11] ?? 0;
  const sizeBytes = [isOneSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  yield { skip: windowBytes + dictionaryBytes + sizeBytes };
  for (let isLast = false; !isLast; ) {
    const header = yield { field: 3 };
    isLast = (header & 1) !== 0;
    const kind = (header >> 1) & 0b11;
    if (kind === reserved) throw new ZstdFrameError(`the frame that begins at byte ${start} is damaged`);
    yield { skip: kind === repeatedByte ? 1 : header >> 3 };
  }
  const hasChecksum = (descriptor & 0b100) !== 0;
  if (hasChecksum) yield { skip: 4 };
}
