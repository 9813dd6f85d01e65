import { describe, expect, it } from 'vitest';
import { deletionTime } from './run.ts';

describe('the time of a deletion', () => {
  const early = '2025-11-09T14:30:00.000Z';
  const late = '2025-11-09T15:00:00.000Z';

  it('is when it began, if the clock of whoever asked is behind, or the request had to wait', () => {
    expect(deletionTime({ requestedAt: early }, late)).toBe(late);
  });

  it('is when it was asked for, if that clock is ahead, or it has not begun', () => {
    expect(deletionTime({ requestedAt: late }, early)).toBe(late);
    expect(deletionTime({ requestedAt: early })).toBe(early);
  });
});
