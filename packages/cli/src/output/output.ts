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
