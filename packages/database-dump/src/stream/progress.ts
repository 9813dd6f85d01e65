import type { DumpRequest } from '@lcb/core';

/** Milliseconds between two reports. */
const INTERVAL = 1000;

/** Counts bytes and reports them about once a second, so that a callback may be slow. */
export class Progress {
  readonly #report: DumpRequest['onProgress'];
  readonly #expectedBytes: number | undefined;
  #bytes = 0;
  #reportedAt = performance.now();

  /** @param expectedBytes an estimate of the whole, where there is one. */
  constructor(report: DumpRequest['onProgress'], expectedBytes: number | undefined) {
    this.#report = report;
    this.#expectedBytes = expectedBytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (performance.now() - this.#reportedAt >= INTERVAL) this.flush();
  }

  flush(): void {
    this.#reportedAt = performance.now();
    const expected = this.#expectedBytes === undefined ? {} : { expectedBytes: this.#expectedBytes };
    this.#report({ processedBytes: this.#bytes, ...expected });
  }
}
