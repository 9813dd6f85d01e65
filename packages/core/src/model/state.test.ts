import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertTransition, isFinal, isLegalTransition, stateSchema } from './state.ts';

const states = stateSchema.options;
const legal = new Set([
  'Pending InProgress',
  'Pending Failed',
  'Pending Cancelled',
  'InProgress Validating',
  'InProgress Succeeded',
  'InProgress Failed',
  'InProgress Cancelled',
  'Validating InProgress',
  'Validating Succeeded',
  'Validating Failed',
  'Validating Cancelled',
]);

describe('states of a run', () => {
  it.each(states.flatMap((from) => states.map((to) => [from, to] as const)))('%s to %s', (from, to) => {
    const expected = from === to || legal.has(`${from} ${to}`);
    expect(isLegalTransition(from, to)).toBe(expected);
    if (expected) expect(() => assertTransition('r', from, to)).not.toThrow();
    else
      expect(() => assertTransition('r', from, to)).toThrow(
        expect.objectContaining({ code: 'state.illegalTransition' }),
      );
  });

  it('never lead back from an end, nor skip into success', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states)), (walk) => {
        let at: (typeof states)[number] = 'Pending';
        let worked = false;
        for (const next of walk) {
          if (!isLegalTransition(at, next)) continue;
          if (isFinal(at)) expect(next).toBe(at);
          if (next === 'InProgress') worked = true;
          if (next === 'Succeeded') expect(worked).toBe(true);
          at = next;
        }
      }),
    );
  });

  it('end in three ways', () => {
    expect(states.filter(isFinal)).toEqual(['Succeeded', 'Failed', 'Cancelled']);
  });
});
