import { textOf } from './tar-header.ts';

/** The records of a pax header (`length key=value\n`, POSIX.1-2001), or `undefined` where it is not made of them. */
export function parsePax(body: Buffer): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits = body.toString('latin1', at, space === -1 ? at : space);
    if (!/^[1-9]\d{0,8}$/.test(digits)) return undefined;
    const end = at + Number(digits);
    if (end > body.length || end <= space || body[end - 1] !== 0x0a) return undefined;
    const record = textOf(body.subarray(space + 1, end - 1));
    const equals = record?.indexOf('=') ?? -1;
    if (record === undefined || equals < 1) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}
