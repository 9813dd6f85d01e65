import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BadStore, badStore } from '../../support/bad-store.ts';
import { tracesBelow } from '../../support/bucket-fixture.ts';
import type { Fault, FaultRule } from '../../support/faulty-s3.ts';
import type { S3Operation } from '../../support/s3-operation.ts';
import { versitygwProgram } from '../../support/s3-programs.ts';
import * as lies from '../../support/store-lies.ts';

type Place = 'bucket' | 'folder';

const failures: Readonly<Record<string, Fault>> = {
  fails: { kind: 'error', status: 500, code: 'InternalError' },
  refuses: { kind: 'error', status: 403, code: 'AccessDenied' },
  'answers 200 with an error': lies.errorWith200,
  'answers with a page': lies.answersWithPage,
  'answers nothing': lies.answersNothing,
};

/** What a backup of a library asks of the store, and of which bucket. What clearing up needs, too, is looked at below. */
const asked: readonly (readonly [S3Operation, bucket: string, backups: Place])[] = [
  ['ListObjectsV2', '/library', 'bucket'],
  ['GetObject', '/library', 'folder'],
  ['GetObjectTagging', '/library', 'folder'],
  ['HeadObject', '/library', 'folder'],
  ['CopyObject', '/backups', 'bucket'],
  ['HeadObject', '/backups', 'bucket'],
  ['PutObject', '/backups', 'bucket'],
];

const told: readonly (readonly [string, Fault, FaultRule, Place])[] = [
  ['omits an object from its first listing', lies.omitsFirst, { ...listing('/library'), times: 1 }, 'bucket'],
  [
    'omits an object from one listing',
    lies.omitsFirst,
    { ...listing('/library'), from: 2, times: 1 },
    'bucket',
  ],
  ['lists half of it, once', lies.listsOnlyHalf, { ...listing('/library'), from: 2, times: 1 }, 'bucket'],
  ['lists half of it, always', lies.listsOnlyHalf, listing('/library'), 'bucket'],
  ['lists other sizes', lies.listsOtherSizes, listing('/library'), 'bucket'],
  ['lists other sizes, copied by streaming', lies.listsOtherSizes, listing('/library'), 'folder'],
  ['lists in another order', lies.listsBackwards, listing('/library'), 'bucket'],
  ['cuts objects short', lies.cutsShort, reading('/library'), 'folder'],
  ['cuts one object short', lies.cutsShort, { ...reading('/library'), from: 3, times: 1 }, 'folder'],
  ['does not know its objects', lies.deniesKnowing, reading('/library'), 'folder'],
  ['pretends to copy', lies.pretendsToCopy, { operation: 'CopyObject', path: '/backups' }, 'bucket'],
  [
    'pretends one copy',
    lies.pretendsToCopy,
    { operation: 'CopyObject', path: '/backups', from: 4, times: 1 },
    'bucket',
  ],
  ['pretends to write', lies.pretendsToWrite, { operation: 'PutObject', path: '/backups' }, 'bucket'],
  [
    'pretends to write the manifest',
    lies.pretendsToWrite,
    { operation: 'PutObject', path: '/manifest.json' },
    'bucket',
  ],
  [
    'pretends to write the index',
    lies.pretendsToWrite,
    { operation: 'PutObject', path: '/library/index.json' },
    'bucket',
  ],
  [
    'pretends to write an index part',
    lies.pretendsToWrite,
    { operation: 'PutObject', path: '/library/index-' },
    'bucket',
  ],
  [
    'pretends to write the plan',
    lies.pretendsToWrite,
    { operation: 'PutObject', path: '/library/plan' },
    'bucket',
  ],
  [
    'describes its copies with another size',
    lies.describesOtherSize,
    { operation: 'HeadObject', path: '/backups' },
    'bucket',
  ],
  ['does not know its copies', lies.deniesKnowing, { operation: 'HeadObject', path: '/backups' }, 'bucket'],
  ['lists its copies with other sizes', lies.listsOtherSizes, listing('/backups'), 'bucket'],
  ['lists no copies', lies.listsNothing, listing('/backups'), 'bucket'],
];

function listing(path: string): FaultRule {
  return { operation: 'ListObjectsV2', path };
}

function reading(path: string): FaultRule {
  return { operation: 'GetObject', path };
}

const withVersitygw = await requireOrSkip('versitygw', versitygwProgram);
withVersitygw('a backup of a library, while the store', () => {
  let bad: BadStore;
  beforeAll(async () => {
    bad = await badStore();
  });
  afterEach(() => bad.proxy.heal());
  afterAll(() => bad.remove());

  /** Succeeds only where the backup is right all the same: then it is read to its last byte from a store that is well. */
  async function isNeverWrong(fault: Fault, rule: FaultRule, backups: Place) {
    const source = bad.source({ backups });
    bad.proxy.misbehave(fault, rule);
    const run = await bad.backUp(source, ['documentLibrary']);
    expect(bad.proxy.faulted).toBeGreaterThan(0);
    if (run.state === 'Succeeded') expect(await bad.problemsOf(source, run.runId)).toEqual([]);
    else expect(run.error?.message).toMatch(/\S{3,}/);
    return run.state;
  }

  describe.each(Object.entries(failures))('%s', (_name, fault) => {
    it.each(asked)('at every %s of %s, with backups in a %s', async (operation, path, backups) => {
      await isNeverWrong(fault, { operation, path }, backups);
    });
  });

  it.each(told)('%s', async (_name, fault, rule, backups) => {
    await isNeverWrong(fault, rule, backups);
  });

  it('can not be read where backups lie: nothing is decided until it can, and then it has failed', async () => {
    const source = bad.source();
    bad.proxy.misbehave(lies.errorWith200, { operation: 'GetObject', path: '/backups' });
    const running = bad.backUp(source, ['documentLibrary']);
    // The step that ends the run can't look whether a manifest was sealed, and does not guess.
    await bad.untilProblem();
    bad.proxy.heal();
    const run = await running;
    expect(run).toMatchObject({ state: 'Failed' });
    const { environment, backups } = source.environment;
    const prefix = `${backups.location.slice('s3://backups/'.length)}/retail/${environment}/backups/`;
    expect(await tracesBelow(bad.server, 'backups', prefix)).toEqual([]);
  });

  it.each([
    ['omits an object from every listing', lies.omitsKey('/100025/101/1.0')],
    ['lists nothing, always', lies.listsNothing],
  ])('%s: the database knows better', async (_what, fault) => {
    const source = bad.source();
    bad.proxy.misbehave(fault, { operation: 'ListObjectsV2', path: '/library' });
    const run = await bad.backUp(source);
    expect(run).toMatchObject({ state: 'Failed' });
  });

  it('throttles, fails, loses answers and cuts bodies, a while each: the backup is good', async () => {
    const source = bad.source();
    const passing = [
      { kind: 'error', status: 503, code: 'SlowDown' },
      { kind: 'losesAnswer' },
    ] as const satisfies readonly Fault[];
    const operations = [
      'ListObjectsV2',
      'ListObjectVersions',
      'CopyObject',
      'GetObject',
      'GetObjectTagging',
    ] as const;
    for (const operation of operations)
      for (const fault of passing) bad.proxy.misbehave(fault, { operation, times: 1 });
    bad.proxy.misbehave({ kind: 'cutsBody', after: 20 }, { operation: 'GetObject', from: 3, times: 1 });
    for (const operation of ['HeadObject', 'PutObject', 'UploadPart', 'CompleteMultipartUpload'] as const)
      bad.proxy.misbehave({ kind: 'error', status: 500, code: 'InternalError' }, { operation, times: 1 });
    const run = await bad.backUp(source);
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    expect(bad.proxy.faulted).toBeGreaterThan(12);
    expect(await bad.problemsOf(source, run.runId)).toEqual([]);
  });
});
