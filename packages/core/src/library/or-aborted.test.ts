import { describe, expect, it } from 'vitest';
import { orAborted } from './or-aborted.ts';

describe('waiting until a signal fires', () => {
  it('gives the work’s own end before that', async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve(3), signal)).toBe(3);
    await expect(orAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  });

  it('leaves work that does not end, and hears nothing of it any more', async () => {
    const stop = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting = orAborted(promise, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    reject(new Error('a rejection that nobody handles would end the test run'));
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  it('does not wait at all once it has fired, and handles what the work throws', async () => {
    const work = Promise.reject(new Error('late'));
    await expect(orAborted(work, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
