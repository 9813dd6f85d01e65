import type { Fault } from './faulty-s3.ts';

/** What a store says that is not so. Each is a whole, well-formed answer with 200. */

const contents = /<(Contents|Version)>.*?<\/\1>/gs;

/** A listing without its first object. */
export const omitsFirst: Fault = {
  kind: 'changes',
  change: (xml) => xml.replace(/<Contents>.*?<\/Contents>/s, ''),
};

/** A listing of versions without the first one. */
export const omitsVersion: Fault = {
  kind: 'changes',
  change: (xml) => xml.replace(/<Version>.*?<\/Version>/s, ''),
};

/** A listing without the objects whose keys end so. */
export function omitsKey(end: string): Fault {
  const isMeant = (object: string) => object.includes(`${end}</Key>`);
  return {
    kind: 'changes',
    change: (xml) => xml.replaceAll(contents, (object) => (isMeant(object) ? '' : object)),
  };
}

/** A listing of nothing. */
export const listsNothing: Fault = { kind: 'changes', change: (xml) => xml.replaceAll(contents, '') };

/** A listing with another size for each object. */
export const listsOtherSizes: Fault = {
  kind: 'changes',
  change: (xml) => xml.replaceAll(/<Size>(\d+)<\/Size>/g, (_all, size) => `<Size>${Number(size) + 1}</Size>`),
};

/** A listing whose end is missing, although it says that there is more, and not where it goes on. */
export const listsOnlyHalf: Fault = {
  kind: 'changes',
  change(xml) {
    const half = Math.floor((xml.match(contents) ?? []).length / 2);
    let seen = 0;
    return xml
      .replaceAll(contents, (object) => {
        seen += 1;
        return seen > half ? '' : object;
      })
      .replace('<IsTruncated>false</IsTruncated>', '<IsTruncated>true</IsTruncated>');
  },
};

/** A listing in another order than the keys' own. */
export const listsBackwards: Fault = {
  kind: 'changes',
  change(xml) {
    const objects = xml.match(contents) ?? [];
    return xml.replaceAll(contents, () => objects.pop() ?? '');
  },
};

/** Somebody else's page, as from a proxy that wants a login. */
export const answersWithPage: Fault = { kind: 'pretends', body: '<html><body>Please log in.</body></html>' };

/** An empty answer. */
export const answersNothing: Fault = { kind: 'pretends', body: '' };

export const errorWith200: Fault = { kind: 'errorIn200', code: 'InternalError' };

/** Bytes with one that was changed; as many as before. */
export const flipsByte: Fault = {
  kind: 'changesBytes',
  change(bytes) {
    const changed = Buffer.from(bytes);
    const middle = Math.floor(changed.length / 2);
    changed[middle] = (changed[middle] ?? 0) ^ 1;
    return changed;
  },
};

/** Fewer bytes, and a length that agrees. */
export const cutsShort: Fault = {
  kind: 'changesBytes',
  change: (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)),
};

/** What an object is described with, but of another size. */
export const describesOtherSize: Fault = {
  kind: 'changesHeaders',
  change: (headers) => ({ ...headers, 'content-length': String(Number(headers['content-length'] ?? 0) + 1) }),
};

/** It is not there, the store says, and it is. */
export const deniesKnowing: Fault = { kind: 'error', status: 404, code: 'NoSuchKey' };

/** Done, the store says of a write, and it is not. */
export const pretendsToWrite: Fault = {
  kind: 'pretends',
  headers: { etag: '"d41d8cd98f00b204e9800998ecf8427e"' },
  body: '',
};

export const pretendsToCopy: Fault = {
  kind: 'pretends',
  body: '<CopyObjectResult><ETag>"d41d8cd98f00b204e9800998ecf8427e"</ETag><ChecksumSHA256>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ChecksumSHA256><LastModified>2026-01-01T00:00:00.000Z</LastModified></CopyObjectResult>',
};
