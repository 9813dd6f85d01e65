import { describe, expect, it } from 'vitest';
import { IndexQueue } from './index-queue.ts';

const index = (sql: string, table: string) => ({ sql, table, isKey: false });
const key = (sql: string, table: string) => ({ sql, table, isKey: true });
const { signal } = new AbortController();

describe('IndexQueue', () => {
  it('hands out in order what does not have to wait', async () => {
    const queue = new IndexQueue([key('a1', 'a'), index('a2', 'a'), key('b1', 'b'), index('a3', 'a')]);
    const first = await queue.take(signal);
    const second = await queue.take(signal);
    expect([first?.sql, second?.sql]).toEqual(['a1', 'b1']);
    const [third, fourth] = [queue.take(signal), queue.take(signal)];
    if (first) queue.done(first);
    // Indexes of one table are made at the same time.
    expect([(await third)?.sql, (await fourth)?.sql]).toEqual(['a2', 'a3']);
    expect(await queue.take(signal)).toBeUndefined();
  });

  it('has nobody wait for ever once all has failed', async () => {
    const controller = new AbortController();
    const queue = new IndexQueue([key('a1', 'a'), key('a2', 'a')]);
    await queue.take(controller.signal);
    const waiting = queue.take(controller.signal);
    controller.abort(new Error('lost'));
    await expect(waiting).rejects.toThrow('lost');
  });
});
