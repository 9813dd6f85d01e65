import { expect, it } from 'vitest';
import { type PartBuffer, PartMemory } from './part-memory.ts';

const mebibyte = 2 ** 20;
const whole = 32 * mebibyte;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

it('is never more than it may be, whatever is asked for, and serves everybody', async () => {
  const memory = new PartMemory(whole);
  const sizes = Array.from({ length: 200 }, (_, number) => ((number * 7919) % 33) * 300_000 + number);
  let most = 0;
  let served = 0;
  await Promise.all(
    sizes.map(async (size, number) => {
      const part = await memory.take(size);
      expect(part.bytes).toHaveLength(size);
      most = Math.max(most, memory.used);
      for (let turns = 0; turns <= number % 5; turns += 1) await turn();
      part.release();
      served += 1;
    }),
  );
  expect(served).toBe(sizes.length);
  expect(most).toBeGreaterThan(whole / 2);
  expect(most).toBeLessThanOrEqual(whole);
  expect(memory.used).toBe(0);
});

it('gives what is larger than all of it when nothing else is out', async () => {
  const memory = new PartMemory(whole);
  const small = await memory.take(100);
  const large = memory.take(2 * whole);
  const after = memory.take(100);
  await turn();
  expect(memory.used).toBe(100);
  small.release();
  const given = await large;
  expect(given.bytes).toHaveLength(2 * whole);
  given.release();
  (await after).release();
  expect(memory.used).toBe(0);
});

it('serves in order: small ones do not keep a large one waiting for ever', async () => {
  const memory = new PartMemory(whole);
  const first = await memory.take(20 * mebibyte);
  const order: string[] = [];
  const large = memory.take(30 * mebibyte).then((part) => {
    order.push('large');
    return part;
  });
  const small = memory.take(1000).then((part) => {
    order.push('small');
    return part;
  });
  await turn();
  expect(order).toEqual([]);
  first.release();
  for (const part of await Promise.all([large, small])) part.release();
  expect(order).toEqual(['large', 'small']);
});

it('lets those behind go on when one that waits gives up', async () => {
  const memory = new PartMemory(whole);
  const first = await memory.take(20 * mebibyte);
  const abort = new AbortController();
  const reason = new Error('cancelled');
  const large = memory.take(30 * mebibyte, abort.signal);
  const small = memory.take(1000);
  abort.abort(reason);
  await expect(large).rejects.toBe(reason);
  (await small).release();
  first.release();
  expect(memory.used).toBe(0);
  await expect(memory.take(1, abort.signal)).rejects.toBe(reason);
});

it('uses the memory of parts again, and takes it back once', async () => {
  const memory = new PartMemory(whole);
  const seen = new Set<ArrayBufferLike>();
  for (let times = 0; times < 20; times += 1) {
    const parts: PartBuffer[] = [];
    for (let number = 0; number < 4; number += 1) parts.push(await memory.take(8 * mebibyte - times));
    for (const part of parts) {
      seen.add(part.bytes.buffer);
      part.release();
      part.release();
    }
    expect(memory.used).toBe(0);
  }
  expect(seen.size).toBe(4);
});

it('gives memory beside the account at once, and the same again', async () => {
  const memory = new PartMemory(whole);
  const all = await memory.take(whole);
  const beside = memory.takeBeside(8 * mebibyte - 5);
  expect(beside.bytes).toHaveLength(8 * mebibyte - 5);
  expect(memory.used).toBe(whole);
  all.release();
  beside.release();
  beside.release();
  const again = memory.takeBeside(8 * mebibyte);
  const another = memory.takeBeside(8 * mebibyte);
  expect(again.bytes.buffer).toBe(beside.bytes.buffer);
  expect(another.bytes.buffer).not.toBe(beside.bytes.buffer);
  expect(memory.used).toBe(0);
});
