import type { WriteStream } from 'node:tty';

/** Tells a person what the demonstration does, while it does it. */
export interface DemoReporter {
  /** Runs one stage: its title while it works, then what came of it and how long it took. Answers with both. */
  stage<T>(title: string, work: (progress: (text: string) => void) => Promise<Staged<T>>): Promise<Timed<T>>;
  line(text: string): void;
  failed(error: unknown): void;
}

export interface Staged<T> {
  readonly value: T;
  /** What came of it, in a few words. */
  readonly summary: string;
}

export interface Timed<T> {
  readonly value: T;
  readonly seconds: number;
}

export function demoReporter(stream: WriteStream): DemoReporter {
  const live = stream.isTTY;
  const clear = () => live && stream.write('\r\u001b[2K');
  return {
    async stage(title, work) {
      const began = performance.now();
      if (live) stream.write(`  … ${title}`);
      const { value, summary } = await work((text) => {
        clear();
        if (live) stream.write(`  … ${title}: ${text}`);
      });
      const seconds = (performance.now() - began) / 1000;
      clear();
      stream.write(`  ✓ ${title.padEnd(38)} ${seconds.toFixed(1).padStart(5)} s   ${summary}\n`);
      return { value, seconds };
    },
    line(text) {
      stream.write(`${text}\n`);
    },
    failed(error) {
      clear();
      const message = error instanceof Error ? error.message : String(error);
      stream.write(`  ✗ ${message}\n`);
    },
  };
}

/** `59.3 MB`: decimal, as disks and clouds count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
