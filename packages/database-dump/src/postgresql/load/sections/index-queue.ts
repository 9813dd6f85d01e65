/** A statement that makes an index of a table. */
export interface IndexStatement {
  readonly sql: string;
  /** As the statement names it. */
  readonly table: string;
  /** A key is a change of the table, which locks it for everybody; several indexes of a table may be made at the same time. */
  readonly isKey: boolean;
}

/**
 * Hands out statements so that none waits for a lock of another: a session that waits does nothing for any other table. In
 * their order as far as that allows.
 */
export class IndexQueue {
  readonly #waiting: IndexStatement[];
  readonly #running = new Set<IndexStatement>();
  #wake: (() => void)[] = [];

  constructor(statements: readonly IndexStatement[]) {
    this.#waiting = [...statements];
  }

  /** The next one that may begin, once there is one; undefined when all were taken. */
  async take(signal: AbortSignal): Promise<IndexStatement | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const at = this.#waiting.findIndex((statement) => this.#mayRun(statement));
      const [next] = at === -1 ? [] : this.#waiting.splice(at, 1);
      if (next) {
        this.#running.add(next);
        return next;
      }
      if (this.#waiting.length === 0) return undefined;
      await this.#change(signal);
    }
  }

  /** To be told of each that was taken. */
  done(statement: IndexStatement): void {
    this.#running.delete(statement);
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  #mayRun({ table, isKey }: IndexStatement): boolean {
    for (const running of this.#running) {
      if (running.table === table && (isKey || running.isKey)) return false;
    }
    return true;
  }

  /** Resolves at the next {@link IndexQueue.done}, or when the signal fires. */
  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#wake.push(wake);
    });
  }
}
