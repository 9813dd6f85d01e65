import { byteOf, type Section } from './section.ts';

const DOLLAR = byteOf('$');

/** `$$…$$` or `$tag$…$tag$` after its first dollar sign. Where no quote begins, it ends before the byte that shows it. */
export class DollarQuoted implements Section {
  /** The closing mark, known once the opening one is complete. */
  #mark: Buffer | undefined;
  #tag: number[] = [DOLLAR];
  #matched = 0;

  push(chunk: Buffer, from: number): number | undefined {
    let at = from;
    for (; this.#mark === undefined; at += 1) {
      const byte = chunk[at];
      if (byte === undefined) return undefined;
      if (byte !== DOLLAR && !belongsToTag(byte, this.#tag.length === 1)) return at;
      this.#tag.push(byte);
      if (byte === DOLLAR) this.#mark = Buffer.from(this.#tag);
    }
    return this.#findMark(chunk, at, this.#mark);
  }

  #findMark(chunk: Buffer, from: number, mark: Buffer): number | undefined {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#matched === 0) {
        at = chunk.indexOf(DOLLAR, at);
        if (at === -1) return undefined;
      }
      if (chunk[at] === mark[this.#matched]) this.#matched += 1;
      // A dollar sign stands at the mark's ends only, so a failed match can go on with that or with nothing.
      else this.#matched = chunk[at] === DOLLAR ? 1 : 0;
      if (this.#matched === mark.length) return at + 1;
    }
    return undefined;
  }
}

/** Letters, underscores, everything that is not ASCII, and digits but for the first character: `$1` is a parameter. */
function belongsToTag(byte: number, first: boolean): boolean {
  const isLetter =
    (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || byte >= 0x80;
  return isLetter || (!first && byte >= 0x30 && byte <= 0x39);
}
