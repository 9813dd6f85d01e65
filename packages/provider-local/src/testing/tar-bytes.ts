/** A member as a hostile or honest archiver would write it; by default an empty file. */
export interface TarEntry {
  readonly name: string;
  readonly type?: string;
  readonly content?: string;
  /** What the header says, where that is not the content's length. */
  readonly size?: number;
  readonly prefix?: string;
  /** The field of the time as it stands in the header, twelve bytes. */
  readonly time?: string | Buffer;
  readonly isDamaged?: boolean;
}

const block = 512;

/** A tar archive of these members, with the two blocks of zeros at its end unless they are left out. */
export function tarBytes(entries: readonly TarEntry[], options: { readonly isCut?: boolean } = {}): Buffer {
  const end = options.isCut ? Buffer.alloc(0) : Buffer.alloc(2 * block);
  return Buffer.concat([...entries.flatMap(entryBytes), end]);
}

/** The content of a pax header with these records. */
export function paxContent(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + 1;
      while (String(length).length + rest !== length) length += 1;
      return `${length} ${key}=${value}\n`;
    })
    .join('');
}

function entryBytes(entry: TarEntry): Buffer[] {
  const { name, type = '0', content = '', size, prefix = '', time = '14000000000\0', isDamaged } = entry;
  const header = Buffer.alloc(block);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${(size ?? Buffer.byteLength(content)).toString(8).padStart(11, '0')}\0`, 124);
  header.set(Buffer.from(time), 136);
  header.write(type, 156, 'latin1');
  header.write('ustar\0', 257);
  header.write('00', 263);
  header.write(prefix, 345, 155);
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, isDamaged ? 1 : 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const bytes = Buffer.from(content);
  return [header, bytes, Buffer.alloc((block - (bytes.length % block)) % block)];
}
