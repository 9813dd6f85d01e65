import { expect, it } from 'vitest';
import { readHead } from './response-head.ts';

function head(...lines: readonly string[]): Buffer {
  return Buffer.from([...lines, '', 'body'].join('\r\n'), 'latin1');
}

it('reads status and headers, and says where the body begins', () => {
  const bytes = head('HTTP/1.1 200 OK', 'Content-Length: 4', 'x-amz-meta-a:\tb: c ', 'Empty:');
  const read = readHead(bytes);
  expect(read).toEqual({
    status: 200,
    rawHeaders: ['Content-Length', '4', 'x-amz-meta-a', 'b: c', 'Empty', ''],
    length: bytes.length - 4,
  });
  expect(readHead(head('HTTP/1.1 404 Not Found'))).toMatchObject({ status: 404 });
  expect(readHead(head('HTTP/1.1 200'))).toMatchObject({ status: 200 });
});

it('waits for the whole of it, but not for ever', () => {
  const whole = head('HTTP/1.1 200 OK', 'Content-Length: 4');
  for (let length = 0; length < whole.length - 4; length += 1)
    expect(readHead(whole.subarray(0, length))).toBeUndefined();
  expect(readHead(Buffer.alloc(70_000, 'x'))).toBe('not plain');
});

it.each([
  ['another protocol', ['HTTP/2 200 OK']],
  ['an older one', ['HTTP/1.0 200 OK']],
  ['no status', ['HTTP/1.1 abc']],
  ['no header', ['HTTP/1.1 200 OK', 'nonsense']],
  ['a header that goes on in the next line', ['HTTP/1.1 200 OK', 'a: b', ' c: d']],
  ['a space before the colon', ['HTTP/1.1 200 OK', 'Content-Length : 4']],
  ['a line that ends in another way', ['HTTP/1.1 200 OK', 'a: b\nContent-Length: 4']],
])('makes nothing of %s', (_what, lines) => {
  expect(readHead(head(...lines))).toBe('not plain');
});
