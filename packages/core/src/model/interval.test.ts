import { expect, it } from 'vitest';
import { intervalOf } from './interval.ts';

it('ends after it begins, whatever the clock did', () => {
  const [early, late] = ['2025-11-09T14:00:00.000Z', '2025-11-09T15:00:00+00:30'];
  expect(intervalOf(early, late)).toEqual({ from: early, to: late });
  expect(intervalOf(late, early)).toEqual({ from: early, to: late });
  expect(intervalOf(early, early)).toEqual({ from: early, to: early });
});
