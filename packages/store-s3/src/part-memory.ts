import { onAbort } from './wire/on-abort.ts';

/** Pieces are multiples of this, so that they fit again. Smaller ones are as they are asked for, and are not kept. */
const unit = 2 ** 20;

/** Memory for the bytes of one request. */
export interface PartBuffer {
  readonly bytes: Buffer;
  /** Gives it back, once and for all: nobody may send from it any more. */
  release(): void;
}

interface Waiting {
  readonly size: number;
  readonly go: () => void;
}

/**
 * The memory that bodies of writes take in this process, all together at most so many bytes: many small ones are under way at once, or
 * few large ones. Whoever waits is served in order. Who holds a piece that is not sent yet must not wait for another one: what is being sent comes
 * back by itself. A piece that is larger than all of it is given when nothing else is out.
 */
export class PartMemory {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  /** By their size. */
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that are out at this moment. */
  get used(): number {
    return this.#used;
  }

  /** @throws the signal's reason, when it fires while waiting */
  async take(bytes: number, signal?: AbortSignal): Promise<PartBuffer> {
    signal?.throwIfAborted();
    const size = sizeOf(bytes);
    if (this.#waiting.length > 0 || !this.#fits(size)) await this.#turn(size, signal);
    else this.#used += size;
    const buffer = this.#buffer(size);
    let isOut = true;
    const release = (): void => {
      if (!isOut) return;
      isOut = false;
      this.#used -= size;
      this.#keep(buffer);
      this.#serve();
    };
    return { bytes: buffer.subarray(0, bytes), release };
  }

  /** Beside the account, for who must not wait: at once, and in memory that is used again. */
  takeBeside(bytes: number): PartBuffer {
    const buffer = this.#buffer(sizeOf(bytes));
    let isOut = true;
    const release = (): void => {
      if (isOut) this.#keep(buffer);
      isOut = false;
    };
    return { bytes: buffer.subarray(0, bytes), release };
  }

  #fits(size: number): boolean {
    return this.#used === 0 || this.#used + size <= this.#most;
  }

  #turn(size: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = {
        size,
        go: () => {
          endWaiting();
          resolve();
        },
      };
      const endWaiting = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal?.reason);
        // It may have stood before one that fits.
        this.#serve();
      });
      this.#waiting.push(waiting);
    });
  }

  #serve(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && this.#fits(first.size);
      [first] = this.#waiting
    ) {
      this.#waiting.shift();
      this.#used += first.size;
      first.go();
    }
  }

  #buffer(size: number): Buffer {
    const kept = this.#free.get(size)?.pop();
    if (kept !== undefined) this.#freeBytes -= size;
    this.#forget();
    return kept ?? Buffer.allocUnsafeSlow(size);
  }

  #keep(buffer: Buffer): void {
    if (buffer.length < unit) return;
    const alike = this.#free.get(buffer.length) ?? [];
    alike.push(buffer);
    this.#free.set(buffer.length, alike);
    this.#freeBytes += buffer.length;
    this.#forget();
  }

  /** What is out and what is kept must not be more than the whole. */
  #forget(): void {
    for (const [size, alike] of this.#free) {
      while (this.#used + this.#freeBytes > this.#most && alike.pop() !== undefined) this.#freeBytes -= size;
      if (alike.length === 0) this.#free.delete(size);
    }
  }
}

function sizeOf(bytes: number): number {
  return bytes < unit ? bytes : Math.ceil(bytes / unit) * unit;
}
