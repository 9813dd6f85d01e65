import { stripVTControlCharacters } from 'node:util';

const clearToEnd = '\u001b[J';
const up = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);

/** Is it a terminal that can go back up and write over its lines? */
export function canRedraw(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env.TERM !== 'dumb';
}

/** A few lines at the end of a terminal that are drawn again and again, while other lines go by above them. */
export class LiveArea {
  readonly #stream: NodeJS.WriteStream;
  #height = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** A line that is too long is cut: one that the terminal wraps would not be drawn over. */
  draw(lines: readonly string[]): void {
    const width = (this.#stream.columns || 80) - 1;
    const text = lines.map((line) => `${cut(line, width)}\n`).join('');
    this.#stream.write(`${up(this.#height)}\r${clearToEnd}${text}`);
    this.#height = lines.length;
  }

  clear(): void {
    if (this.#height > 0) this.draw([]);
  }

  /** A line that stays, above the area, which has to be drawn again. */
  print(line: string): void {
    this.clear();
    this.#stream.write(`${line}\n`);
  }
}

/** Cuts what is shown, not the colours: a cut line goes without. */
function cut(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
}
