import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fileSystemStore } from '../object-store/file-system-store.ts';
import { paxContent, type TarEntry, tarBytes } from '../testing/tar-bytes.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { unpackLibrary } from './unpack-library.ts';

async function* inChunks(bytes: Buffer, length = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Unpacks into a folder of its own beside which nothing may appear. */
async function unpack(bytes: Buffer, limits = { files: 100, bytes: 10_000 }) {
  const outer = await temporaryFolder();
  const folder = join(outer, 'unpacked');
  mkdirSync(folder);
  const work = unpackLibrary({
    source: inChunks(bytes),
    archive: 'library.tar',
    target: fileSystemStore(pathToFileURL(folder).href),
    limits,
    signal: new AbortController().signal,
  });
  try {
    return { counts: await work, folder };
  } finally {
    expect(readdirSync(outer)).toEqual(['unpacked']);
  }
}

const pax = (records: Readonly<Record<string, string>>, name = 'pax', type = 'x'): TarEntry => ({
  name,
  type,
  content: paxContent(records),
});

describe('unpackLibrary', () => {
  it('puts files where their names say, with content and time', async () => {
    const long = `20097/${'deep/'.repeat(30)}1.0`;
    const { counts, folder } = await unpack(
      tarBytes([
        { name: './', type: '5' },
        { name: './20097/', type: '5' },
        { name: './20097/one', content: 'x'.repeat(1500) },
        { name: '1.0', prefix: '20097/20121/101', content: 'prefixed' },
        pax({ path: long, mtime: '1700000000.250999921', comment: 'none' }),
        { name: 'cut short', content: 'long' },
        { name: '././@LongLink', type: 'L', content: '20097/gnu\0' },
        { name: 'cut short', content: 'gnu' },
        { name: 'empty' },
      ]),
    );
    expect(counts).toEqual({ files: 5, bytes: 1500 + 8 + 4 + 3 });
    const read = (key: string) => readFileSync(join(folder, key), 'utf8');
    expect(read('20097/one')).toBe('x'.repeat(1500));
    expect(read('20097/20121/101/1.0')).toBe('prefixed');
    expect(read(long)).toBe('long');
    expect(read('20097/gnu')).toBe('gnu');
    expect(read('empty')).toBe('');
    expect(statSync(join(folder, long)).mtime.toISOString()).toBe('2023-11-14T22:13:20.250Z');
  });

  it('takes files that are older than 1970', async () => {
    const octal = '000000000-2 ';
    const { folder } = await unpack(
      tarBytes([
        // As a download of ours has them: the second in the header, the rest of the time before it.
        { ...pax({ path: 'ours', mtime: '-1.500' }), time: octal },
        { name: 'ours', time: octal },
        { name: 'octal', time: octal },
        { name: 'gnu', time: Buffer.from('fffffffffffffffffffffffe', 'hex') },
      ]),
    );
    const timeOf = (key: string) => statSync(join(folder, key)).mtime.toISOString();
    expect(timeOf('ours')).toBe('1969-12-31T23:59:58.500Z');
    expect(timeOf('octal')).toBe('1969-12-31T23:59:58.000Z');
    expect(timeOf('gnu')).toBe('1969-12-31T23:59:58.000Z');
  });

  it.each<[string, TarEntry[], string | undefined, { isCut?: boolean }?]>([
    ['a name that leads out', [{ name: '../evil' }], '../evil'],
    ['a name that leads out further down', [{ name: 'a/../../evil' }], 'a/../../evil'],
    ['an absolute name', [{ name: '/etc/evil' }], '/etc/evil'],
    ['a name that leads out by pax', [pax({ path: '../evil' }), { name: 'good' }], '../evil'],
    [
      'a name that leads out by GNU',
      [{ name: 'l', type: 'L', content: '../evil' }, { name: 'good' }],
      '../evil',
    ],
    ['a symbolic link', [{ name: 'link', type: '2' }], 'link'],
    ['a hard link', [{ name: 'link', type: '1' }], 'link'],
    ['a link by pax', [pax({ linkpath: '/etc/passwd' }, 'link'), { name: 'link', type: '2' }], 'link'],
    ['a device', [{ name: 'device', type: '3' }], 'device'],
    ['a block device', [{ name: 'device', type: '4' }], 'device'],
    ['a named pipe', [{ name: 'pipe', type: '6' }], 'pipe'],
    ['a sparse file', [{ name: 'sparse', type: 'S' }], 'sparse'],
    ['a sparse file by pax', [pax({ 'GNU.sparse.major': '1' }, 'sparse'), { name: 'sparse' }], 'sparse'],
    ['an unknown kind', [{ name: 'odd', type: 'Z' }], 'odd'],
    ['a name twice', [{ name: 'a' }, { name: './a' }], './a'],
    ['names that differ in case', [{ name: 'dir/a' }, { name: 'Dir/A' }], 'Dir/A'],
    ['names that differ in normalisation', [{ name: '\u00e9' }, { name: 'e\u0301' }], 'e\u0301'],
    ['a file that is a folder, too', [{ name: 'a' }, { name: 'a/b' }], 'a/b'],
    ['the reserved folder', [{ name: '.lcb-tmp/x' }], '.lcb-tmp/x'],
    ['a folder with content', [{ name: 'd/', type: '5', content: 'x' }], 'd/'],
    ['a damaged header', [{ name: 'a', isDamaged: true }], undefined],
    ['an end in a file', [{ name: 'a', content: 'x', size: 100_0 }], 'a', { isCut: true }],
    ['a time that is no number', [{ name: 'a', time: '0000000-9-1 ' }], undefined],
    ['a time with nothing behind the sign', [{ name: 'a', time: '0000000000- ' }], undefined],
    ['no end', [{ name: 'a' }], undefined, { isCut: true }],
    ['a header that fills the memory', [{ name: 'huge', type: 'x', size: 2 ** 32 }], 'huge'],
    ['records for all that follows', [pax({ path: 'all' }, 'g', 'g'), { name: 'a' }], 'all'],
    ['a pax header that is none', [{ name: 'pax', type: 'x', content: '99 path=x\n' }, { name: 'a' }], 'pax'],
    ['too many files', Array.from({ length: 101 }, (_, at) => ({ name: `f${at}` })), 'f100'],
    [
      'too many bytes',
      [
        { name: 'big', content: 'x'.repeat(9000) },
        { name: 'more', content: 'x'.repeat(1001) },
      ],
      'more',
    ],
    ['a size that lies by pax', [pax({ size: '10001' }), { name: 'lie' }], 'lie'],
  ])('refuses %s', async (_, entries, named, options) => {
    const refused = unpack(tarBytes(entries, options));
    await expect(refused).rejects.toMatchObject({ code: 'archive.refused', retryable: false });
    if (named !== undefined)
      await expect(refused).rejects.toMatchObject({
        message: expect.stringContaining(JSON.stringify(named)),
      });
  });

  it('refuses what is no archive, and what goes on after its end', async () => {
    await expect(unpack(Buffer.from('no archive at all'))).rejects.toMatchObject({ code: 'archive.refused' });
    const two = Buffer.concat([tarBytes([{ name: 'a' }]), tarBytes([{ name: 'b' }])]);
    await expect(unpack(two)).rejects.toMatchObject({ code: 'archive.refused' });
  });
});
