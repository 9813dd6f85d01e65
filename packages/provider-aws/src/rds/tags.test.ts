import { expect, it } from 'vitest';
import { isMarkedBy, isOfEnvironment, tagsOf } from './tags.ts';

const marks = {
  projectId: 'acme',
  environment: 'prd',
  runId: 'acme-prd-backup-20251109-143000',
  attempt: 2,
  initiator: 'schedule:nightly',
  requestedAt: '2025-11-09T14:30:00Z',
};

it('knows its own, and no other attempt, run or environment', () => {
  const tags = tagsOf(marks);
  expect(isMarkedBy(tags, marks)).toBe(true);
  expect(isMarkedBy(tags, { ...marks, attempt: 1 })).toBe(false);
  expect(isMarkedBy(tags, { ...marks, runId: 'other' })).toBe(false);
  expect(isMarkedBy(undefined, marks)).toBe(false);
  expect(isOfEnvironment(tags, { projectId: 'acme', environment: 'uat' })).toBe(false);
});

it('says nothing in a tag that RDS refuses', () => {
  const tags = tagsOf({ ...marks, initiator: `Jürgen <j@acme.example>, ${'x'.repeat(300)}` });
  for (const { Value = '' } of tags) expect(Value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u);
});
