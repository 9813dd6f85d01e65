import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { onAbort } from './on-abort.ts';

it('calls whoever waits, once, and whoever waits no longer not at all', () => {
  const { signal, ...controller } = abortable();
  const called: string[] = [];
  onAbort(signal, () => called.push('a'));
  const end = onAbort(signal, () => called.push('b'));
  onAbort(signal, () => called.push('c'));
  end();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  controller.abort();
  expect(called).toEqual(['a', 'c']);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('leaves nothing with the signal once nobody waits, and may begin anew', () => {
  const { signal, ...controller } = abortable();
  const called: string[] = [];
  for (let times = 0; times < 3; times += 1) {
    const ends = ['a', 'b'].map((name) => onAbort(signal, () => called.push(name)));
    for (const end of ends) end();
    // Once more is no harm.
    for (const end of ends) end();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }
  onAbort(signal, () => called.push('c'));
  controller.abort();
  expect(called).toEqual(['c']);
});

it('has one who waits end another meanwhile', () => {
  const { signal, ...controller } = abortable();
  const called: string[] = [];
  const ends: (() => void)[] = [];
  onAbort(signal, () => {
    called.push('first');
    for (const end of ends) end();
  });
  ends.push(onAbort(signal, () => called.push('second')));
  controller.abort();
  expect(called).toEqual(['first']);
});

it('needs no signal', () => {
  expect(() => onAbort(undefined, () => undefined)()).not.toThrow();
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
