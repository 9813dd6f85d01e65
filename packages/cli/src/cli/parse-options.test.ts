import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { moment, parseOptions, stateList, unitList, unitName, wholeNumber } from './parse-options.ts';

const schema = z.object({
  units: unitList.optional(),
  unit: unitName.optional(),
  state: stateList.optional(),
  limit: wholeNumber(1, 1000).default(50),
  pageFrom: moment.optional(),
});

describe('parseOptions', () => {
  it('converts', () => {
    const given = {
      units: 'library, database',
      unit: 'database',
      state: 'failed,SUCCEEDED',
      limit: '7',
      pageFrom: '2025-11-09',
    };
    expect(parseOptions(schema, given)).toEqual({
      units: ['database', 'documentLibrary'],
      unit: 'database',
      state: ['Succeeded', 'Failed'],
      limit: 7,
      pageFrom: '2025-11-09T00:00:00.000Z',
    });
    expect(parseOptions(schema, {}).limit).toBe(50);
  });

  it.each([
    [{ units: 'databse' }, '--units does not know "databse"; did you mean database?'],
    [{ units: 'files' }, '--units does not know "files"; it may be database, documentLibrary or search.'],
    [{ unit: 'database,library' }, '--unit takes one unit.'],
    [
      { state: 'Done' },
      '--state does not know "Done"; it may be Pending, InProgress, Validating, Succeeded, Failed or Cancelled.',
    ],
    [{ limit: '0' }, '--limit must be a whole number from 1 to 1000, not "0".'],
    [{ limit: 'ten' }, '--limit must be a whole number from 1 to 1000, not "ten".'],
    [
      { pageFrom: 'yesterday' },
      '--page-from must be a time such as 2025-11-09T14:30:00Z, or a day such as 2025-11-09, not "yesterday".',
    ],
  ])('%j: %s', (given, sentence) => {
    expect(() => parseOptions(schema, given)).toThrow(sentence);
  });
});
