import { once } from 'node:events';
import { coloured } from './style.ts';

export type OutputFormat = 'table' | 'json';
export type Tell = (message: string) => void;

/**
 * Where a command speaks. Its answer goes to standard output, and nothing else does; everything else goes to standard
 * error: as text on a terminal, as one JSON document per line otherwise.
 */
export interface Output {
  readonly format: OutputFormat;
  /** The command's one answer. */
  answer(answer: Answer): void;
  /** An answer of any length, part by part as it comes: as JSON one document a line. */
  stream(parts: AsyncIterable<Answer>): Promise<void>;
  /** Something that a person should know, but that is not the answer. */
  readonly notice: Tell;
  /** Notices go elsewhere while something is drawn on the terminal. @returns a function that ends that */
  divert(tell: Tell): () => void;
}

export interface Answer {
  readonly json: unknown;
  /** Ends with a line feed. */
  readonly table: () => string;
}

export function openOutput(format: OutputFormat): Output {
  let diverted: Tell | undefined;
  return {
    format,
    answer: ({ json, table }) => {
      process.stdout.write(format === 'json' ? `${JSON.stringify(json, undefined, 2)}\n` : table());
    },
    async stream(parts) {
      for await (const { json, table } of parts) {
        const text = format === 'json' ? `${JSON.stringify(json)}\n` : table();
        // A reader that is slower than we are must not fill our memory.
        if (!process.stdout.write(text)) await once(process.stdout, 'drain');
      }
    },
    notice: (message) => (diverted ?? writeNotice)(message),
    divert(tell) {
      diverted = tell;
      return () => {
        diverted = undefined;
      };
    },
  };
}

function writeNotice(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${coloured('dim', message, process.stderr)}\n`);
  else writeEvent('notice', { message });
}

/** One JSON line on standard error. */
export function writeEvent(event: string, fields: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
}
