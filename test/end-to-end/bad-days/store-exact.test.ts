import { openManifest } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type BadStore, badStore } from '../../support/bad-store.ts';
import type { Fault, FaultRule } from '../../support/faulty-s3.ts';
import { project } from '../../support/local-fixture.ts';
import { versitygwProgram } from '../../support/s3-programs.ts';
import * as lies from '../../support/store-lies.ts';

const versions: FaultRule = { operation: 'ListObjectVersions', path: '/library' };
/** The very first is a look whether it may be listed. */
const once = { ...versions, from: 2, times: 1 };
const versioning: FaultRule = { operation: 'GetBucketVersioning', path: '/library' };
const clock: FaultRule = { operation: 'HeadBucket', path: '/library' };
const internal: Fault = { kind: 'error', status: 500, code: 'InternalError' };
const refused: Fault = { kind: 'error', status: 403, code: 'AccessDenied' };

const told: readonly (readonly [string, Fault, FaultRule])[] = [
  ['omits a version from its first listing', lies.omitsVersion, once],
  ['omits a version from its second listing', lies.omitsVersion, { ...once, from: 3 }],
  ['omits a version always', lies.omitsVersion, versions],
  ['lists no versions, once', lies.listsNothing, once],
  ['lists no versions, always', lies.listsNothing, versions],
  ['lists half of them, always', lies.listsOnlyHalf, versions],
  ['lists other sizes, once', lies.listsOtherSizes, once],
  ['lists other sizes, always', lies.listsOtherSizes, versions],
  ['lists them backwards', lies.listsBackwards, versions],
  ['answers listings of versions with a page', lies.answersWithPage, versions],
  ['answers listings of versions with an error and 200', lies.errorWith200, versions],
  ['refuses to list versions from the second time on', refused, { ...versions, from: 2 }],
  ['fails to list versions', internal, versions],
  ['fails to say whether it keeps versions', internal, versioning],
  ['fails to tell the time', internal, clock],
  ['refuses to tell the time from the second time on', refused, { ...clock, from: 2 }],
  ['has no time', { kind: 'changesHeaders', change: (headers) => ({ ...headers, date: 'never' }) }, clock],
  ['pretends to copy versions', lies.pretendsToCopy, { operation: 'CopyObject', path: '/backups' }],
  [
    'does not know the versions that it listed',
    lies.deniesKnowing,
    { operation: 'CopyObject', path: '/backups' },
  ],
];

const withVersitygw = await requireOrSkip('versitygw', versitygwProgram);
withVersitygw('a backup of an exact moment, while the store', () => {
  let bad: BadStore;
  beforeAll(async () => {
    bad = await badStore({ versions: true });
  });
  afterEach(() => bad.proxy.heal());
  afterAll(() => bad.remove());

  async function strategyOf(source: ReturnType<BadStore['source']>, backupId: string) {
    const store = bad.service.provider.objectStore(source.environment.backups.location);
    const ref = { projectId: project, environment: 'prd' };
    const { value } = await openManifest(store, ref, backupId, await bad.service.trustedKeys());
    return value.consistency.strategy;
  }

  it('does nothing wrong', async () => {
    const source = bad.source();
    const run = await bad.backUp(source);
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    expect(await strategyOf(source, run.runId)).toBe('exact');
    expect(await bad.problemsOf(source, run.runId)).toEqual([]);
  });

  it.each(told)('%s', async (_name, fault, rule) => {
    const source = bad.source();
    bad.proxy.misbehave(fault, rule);
    const run = await bad.backUp(source);
    expect(bad.proxy.faulted).toBeGreaterThan(0);
    if (run.state === 'Succeeded') expect(await bad.problemsOf(source, run.runId)).toEqual([]);
    else expect(run.error?.message).toMatch(/\S{3,}/);
  });

  it.each([
    ['ask whether it keeps versions', versioning],
    ['list them', versions],
    ['ask for the time', clock],
  ])('does not let anybody %s: then the database comes first', async (_what, rule) => {
    const source = bad.source();
    bad.proxy.misbehave(refused, rule);
    const run = await bad.backUp(source);
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    expect(await strategyOf(source, run.runId)).toBe('databaseFirst');
    expect(await bad.problemsOf(source, run.runId)).toEqual([]);
  });
});
