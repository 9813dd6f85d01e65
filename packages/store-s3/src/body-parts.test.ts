import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bodyParts } from './body-parts.ts';
import { PartMemory } from './part-memory.ts';
import { Pieces } from './pieces.ts';

const multipartThreshold = 50;
const partSize = 40;

/** Chunks that are lent: each is spoilt when the next is asked for. */
async function* lent(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, number = 0; at < bytes.length; number += 1) {
    const size = sizes[number % sizes.length] ?? 1;
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    at += size;
    yield chunk;
    chunk.fill('?');
  }
}

it('is the body, in order, in memory that comes back, whatever was said of its size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined }),
      async (content, sizes, lie) => {
        const bytes = Buffer.from(content);
        const memory = new PartMemory(partSize);
        const size = lie === undefined ? undefined : Math.max(0, bytes.length + lie);
        const passed: Buffer[] = [];
        const pieces = new Pieces(lent(bytes, sizes), (chunk) => passed.push(Buffer.from(chunk)));
        const options = { size, multipartThreshold, partSize, memory, signal: undefined };
        const sent: Buffer[] = [];
        for await (const part of bodyParts(pieces, options)) {
          expect(part.number).toBe(sent.length + 1);
          expect(part.isLast).toBe(pieces.ended);
          // A server takes no small part but the last.
          if (!part.isLast) expect(part.bytes.length).toBeGreaterThanOrEqual(partSize);
          sent.push(Buffer.from(part.bytes));
          part.release();
        }
        expect(Buffer.concat(sent).equals(bytes)).toBe(true);
        expect(Buffer.concat(passed).equals(bytes)).toBe(true);
        if (bytes.length <= partSize) expect(sent).toHaveLength(1);
        expect(memory.used).toBe(0);
      },
    ),
  );
});

it('gives memory back when the body fails, and when nobody wants the rest', async () => {
  const memory = new PartMemory(partSize);
  const options = { size: 120, multipartThreshold, partSize, memory, signal: undefined };
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(70);
    throw new Error('the source broke off');
  }
  const failing = bodyParts(new Pieces(broken()), options);
  (await failing.next()).value?.release();
  await expect(failing.next()).rejects.toThrow('the source broke off');
  expect(memory.used).toBe(0);
  const left = bodyParts(new Pieces(lent(Buffer.alloc(120), [30])), options);
  await left.next();
  expect(memory.used).toBe(partSize);
  await left.return(undefined);
  expect(memory.used).toBe(0);
});
