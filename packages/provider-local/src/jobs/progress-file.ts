import { renameSync, writeFileSync } from 'node:fs';
import type { JobProgress } from './job-folder.ts';

/** Milliseconds. */
const interval = 1000;

/**
 * Keeps a file at the latest progress, at most one write a second. Small and synchronous, so that writes never overtake
 * each other; not synced, because progress means nothing after a power cut.
 */
export class ProgressFile {
  readonly #path: string;
  #latest: JobProgress | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  report(progress: JobProgress): void {
    this.#latest = progress;
    if (this.#timer === undefined) this.#write();
  }

  /** Writes what is not written yet, and leaves no timer behind. */
  close(): void {
    this.#write();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#latest === undefined) return;
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#latest), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#latest = undefined;
    this.#timer = setTimeout(() => this.#write(), interval).unref();
  }
}
