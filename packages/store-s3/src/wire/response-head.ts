/** Longer ones are not read: servers send a few hundred bytes. */
const mostBytes = 64 * 1024;

/** The beginning of an answer, up to its body. */
export interface ResponseHead {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** Bytes of the head, with the empty line at its end. */
  readonly length: number;
}

/**
 * Reads the head of an answer. `undefined` where its end has not come yet. `not plain` for all that is not a status, header after header and an
 * empty line: whoever gets it asks in another way, so nothing is guessed here.
 */
export function readHead(bytes: Buffer): ResponseHead | 'not plain' | undefined {
  const end = bytes.subarray(0, mostBytes).indexOf('\r\n\r\n');
  if (end < 0) return bytes.length >= mostBytes ? 'not plain' : undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return 'not plain';
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return 'not plain';
    rawHeaders.push(name, value);
  }
  return { status: Number(status), rawHeaders, length: end + 4 };
}
