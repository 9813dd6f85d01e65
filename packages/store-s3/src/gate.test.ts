import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';

/**
 * A server on a clock of its own, that works on so many requests at once and no faster for more; above a second number it refuses.
 * Clients ask without pause.
 */
function simulate(
  gate: Gate,
  server: { fast: number; refuses?: number },
  clock: { now: number },
  milliseconds: number,
) {
  const busy: number[] = [];
  let most = 0;
  const clients = { waiting: 0 };
  const ask = () => {
    clients.waiting += 1;
    void gate.enter(undefined).then(() => {
      clients.waiting -= 1;
      most = Math.max(most, busy.length + 1);
      // Each takes 10 ms alone, and as much longer as there are more than the server does at once.
      busy.push(clock.now + 10 * Math.max(1, (busy.length + 1) / server.fast));
    });
  };
  return (async () => {
    for (let count = 0; count < 300; count += 1) ask();
    const end = clock.now + milliseconds;
    while (clock.now < end) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.now += 1;
      const over = busy.filter((at) => at <= clock.now);
      for (const at of over) {
        const isRefused = server.refuses !== undefined && busy.length > server.refuses;
        busy.splice(busy.indexOf(at), 1);
        gate.leave(isRefused ? 'throttled' : 'done');
        ask();
      }
    }
    return most;
  })();
}

describe('a gate', () => {
  it('lets so many in, then the next in order as others leave', async () => {
    const gate = new Gate({ start: 2, most: 2, now: () => 0 });
    const entered: number[] = [];
    for (let number = 0; number < 5; number += 1) void gate.enter(undefined).then(() => entered.push(number));
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toEqual([0, 1]);
    gate.leave('done');
    gate.leave('failed');
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  it('forgets whoever stops waiting', async () => {
    const gate = new Gate({ start: 1, most: 1, now: () => 0 });
    await gate.enter(undefined);
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const waiting = gate.enter(abort.signal);
    const after = gate.enter(undefined);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    gate.leave('done');
    await after;
    await expect(gate.enter(abort.signal)).rejects.toBe(reason);
  });

  it('opens while that brings more, and not much further', async () => {
    const clock = { now: 0 };
    const gate = new Gate({ start: 4, most: 200, now: () => clock.now });
    await simulate(gate, { fast: 40 }, clock, 8000);
    expect(gate.limit).toBeGreaterThan(30);
    expect(gate.limit).toBeLessThan(110);
  });

  it('never opens further than it may', async () => {
    const clock = { now: 0 };
    const gate = new Gate({ start: 4, most: 10, now: () => clock.now });
    expect(await simulate(gate, { fast: 40 }, clock, 8000)).toBeLessThanOrEqual(10);
    expect(gate.limit).toBe(10);
  });

  it('closes when the server asks to slow down, and keeps about what it bears', async () => {
    const clock = { now: 0 };
    const gate = new Gate({ start: 64, most: 200, now: () => clock.now });
    await simulate(gate, { fast: 100, refuses: 20 }, clock, 12_000);
    expect(gate.limit).toBeLessThan(32);
    expect(gate.limit).toBeGreaterThan(5);
  });
});
