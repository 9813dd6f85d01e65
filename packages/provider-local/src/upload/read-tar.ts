import { archiveRefused } from './archive-refused.ts';
import { ByteReader } from './byte-reader.ts';
import { parsePax } from './pax-records.ts';
import { blockLength, isZero, parseHeader, type TarHeader, textOf } from './tar-header.ts';

/** A file in an archive. Its body has to be read to the end before the next one is asked for. */
export interface TarMember {
  /** As it stands in the archive. */
  readonly name: string;
  readonly size: number;
  /** RFC 3339 */
  readonly lastModified: string;
  readonly body: AsyncGenerator<Uint8Array>;
}

/** Far more than a name may have; a header that says more means to fill the memory. */
const longestHeader = 1024 * 1024;

const extended = 'x';
const extendedGlobal = 'g';
const longName = 'L';
const files: readonly string[] = ['0', '\0', '7'];
const folder = '5';
const kinds: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
  S: 'a sparse file',
  K: 'a link with a long name',
};

/**
 * The files of a tar archive that somebody else made, in its order: ustar, with names and sizes of pax and long names of
 * GNU. It is read strictly: whatever is neither a file nor a folder, is cut off or contradicts itself is refused, since a
 * reader that makes the best of everything can be made to write anywhere. @throws LcbError `archive.refused`
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  archive: string,
): AsyncGenerator<TarMember> {
  const reader = new ByteReader(source);
  let more: { readonly name?: string; readonly size?: number; readonly mtime?: number } = {};
  let ended = false;
  try {
    for (;;) {
      const block = await reader.read(blockLength);
      if (block === undefined) break;
      if (block.length === blockLength && isZero(block)) {
        ended = true;
        continue;
      }
      if (ended) throw archiveRefused(archive, 'goes on after its end');
      const parsed = parseHeader(block);
      if ('problem' in parsed) throw archiveRefused(archive, parsed.problem);
      const header: TarHeader = { ...parsed, ...more };
      if ([extended, extendedGlobal, longName].includes(parsed.type)) {
        const told = await readMore(reader, parsed, archive);
        if (parsed.type !== extendedGlobal) more = { ...more, ...told };
        continue;
      }
      more = {};
      if (header.type === folder) {
        if (header.size !== 0) throw archiveRefused(archive, 'has a folder with content', header.name);
        continue;
      }
      if (!files.includes(header.type)) {
        throw archiveRefused(archive, `holds ${kinds[header.type] ?? 'something unknown'}`, header.name);
      }
      yield memberOf(reader, header, archive);
      await skipPadding(reader, header.size, archive);
    }
  } finally {
    await reader.close();
  }
  if (!ended) throw archiveRefused(archive, 'is cut off: its end is missing');
}

function memberOf(reader: ByteReader, header: TarHeader, archive: string): TarMember {
  const { name, size, mtime } = header;
  async function* body(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of reader.chunks(size)) {
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes !== size) throw archiveRefused(archive, 'is cut off in the middle of a file', name);
  }
  const time = new Date(mtime);
  if (Number.isNaN(time.getTime())) throw archiveRefused(archive, 'has a file with an impossible time', name);
  return { name, size, lastModified: time.toISOString(), body: body() };
}

/** What a header in front of a file's own says of that file. One for the whole archive may only be a comment. */
async function readMore(
  reader: ByteReader,
  { type, size, name }: TarHeader,
  archive: string,
): Promise<{ readonly name?: string; readonly size?: number; readonly mtime?: number }> {
  if (size > longestHeader) throw archiveRefused(archive, 'has a header of more than 1 MiB', name);
  const body = await reader.read(size);
  if (body === undefined || body.length !== size)
    throw archiveRefused(archive, 'ends in the middle of a header');
  await skipPadding(reader, size, archive);
  if (type === longName) {
    const text = textOf(body);
    if (text === undefined) throw archiveRefused(archive, 'has a name that is not UTF-8');
    return { name: text.replace(/\0$/, '') };
  }
  const records = parsePax(body);
  if (records === undefined) throw archiveRefused(archive, 'has a damaged pax header', name);
  for (const key of records.keys()) {
    const changesAll = type === extendedGlobal && key !== 'comment';
    if (changesAll || key.startsWith('GNU.sparse') || key === 'linkpath') {
      throw archiveRefused(archive, `has a pax header with ${key}`, records.get('path') ?? name);
    }
  }
  const [path, bytes, mtime] = ['path', 'size', 'mtime'].map((key) => records.get(key));
  if (bytes !== undefined && !/^\d{1,15}$/.test(bytes))
    throw archiveRefused(archive, 'has a size that is no number', path);
  if (mtime !== undefined && !/^-?\d{1,12}(\.\d+)?$/.test(mtime))
    throw archiveRefused(archive, 'has a time that is no number', path);
  return {
    ...(path === undefined ? {} : { name: path }),
    ...(bytes === undefined ? {} : { size: Number(bytes) }),
    ...(mtime === undefined ? {} : { mtime: milliseconds(mtime) }),
  };
}

async function skipPadding(reader: ByteReader, size: number, archive: string): Promise<void> {
  const padding = (blockLength - (size % blockLength)) % blockLength;
  const skipped = await reader.read(padding);
  if (padding > 0 && skipped?.length !== padding) throw archiveRefused(archive, 'is cut off');
}

/** By the digits: seconds of today with a fraction do not fit a floating-point number, and would be rounded up. */
function milliseconds(mtime: string): number {
  const [seconds = '', fraction = ''] = mtime.split('.');
  const part = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return Number(seconds) * 1000 + (mtime.startsWith('-') ? -part : part);
}
