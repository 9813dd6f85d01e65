import { expect, it } from 'vitest';
import { judgeDumpSize } from './dump-size.ts';

const dump = { bytes: 1000, storedBytes: 100 };

it('fails an empty dump, and says when there is nothing to compare with', () => {
  expect(judgeDumpSize({ bytes: 0, storedBytes: 0 }, [1000], 4)).toMatchObject({ ok: false });
  expect(judgeDumpSize({ bytes: 0, storedBytes: 0 }, [1000], 4)).not.toHaveProperty('severity');
  expect(judgeDumpSize(dump, [], 4)).toEqual({
    ok: true,
    expected: 'more than 0 bytes; no earlier dump to compare with',
    measured: '1000 bytes, 100 stored',
  });
});

it.each([
  [[250], true],
  [[249], false],
  [[4000], true],
  [[4004], false],
  // The median, not the mean: one odd dump among the last ones changes nothing.
  [[1000, 900, 1_000_000, 1100, 1], true],
  [[1000, 8000], false],
])('compares with the median of %j', (earlier, ok) => {
  expect(judgeDumpSize(dump, earlier, 4)).toMatchObject({ ok, severity: 'warns' });
});
