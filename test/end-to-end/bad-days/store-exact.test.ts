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
const copying: FaultRule = { operation: 'CopyObject', path: '/backups' };
const hasNoTime: Fault = { kind: 'changesHeaders', change: (headers) => ({ ...headers, date: 'never' }) };
const internal: Fault = { kind: 'error', status: 500, code: 'InternalError' };
const refused: Fault = { kind: 'error', status: 403, code: 'AccessDenied' };

/** Well, by the strategy `exact` or (`first`) `databaseFirst`, if need be in another attempt; or with an error of such a code. */
type End = 'exact' | 'first' | RegExp;
const notTrusted = /^(consistency\.inconsistent|validation\.failed)$/;
const notRead = /^(objectStore|integrity)\./;

const told: readonly (readonly [string, Fault, FaultRule, End])[] = [
  ['omits a version from its first listing', lies.omitsVersion, once, 'exact'],
  ['omits a version from its second listing', lies.omitsVersion, { ...once, from: 3 }, 'exact'],
  ['omits a version always', lies.omitsVersion, versions, notTrusted],
  ['omits always a version that no row names', lies.omitsKey('/saml/keystore.jks/1.0'), versions, notTrusted],
  ['lists no versions, once', lies.listsNothing, once, 'exact'],
  ['lists no versions, always', lies.listsNothing, { ...versions, from: 2 }, notTrusted],
  ['lists half of them, always', lies.listsOnlyHalf, { ...versions, from: 2 }, notRead],
  ['lists other sizes, once', lies.listsOtherSizes, once, /./],
  ['lists other sizes, always', lies.listsOtherSizes, { ...versions, from: 2 }, /./],
  ['lists them backwards', lies.listsBackwards, { ...versions, from: 2 }, 'exact'],
  ['answers listings of versions with a page', lies.answersWithPage, { ...versions, from: 2 }, notRead],
  [
    'answers listings of versions with an error and 200',
    lies.errorWith200,
    { ...versions, from: 2 },
    notRead,
  ],
  ['refuses to list versions from the second time on', refused, { ...versions, from: 2 }, /denied/],
  ['fails to list versions from the second time on', internal, { ...versions, from: 2 }, /unavailable/],
  ['fails to tell the time from the second time on', internal, { ...clock, from: 2 }, /unavailable/],
  ['refuses to tell the time from the second time on', refused, { ...clock, from: 2 }, /denied/],
  ['pretends to copy versions', lies.pretendsToCopy, copying, /./],
  ['does not know the versions that it is to copy: they are read', lies.deniesKnowing, copying, 'exact'],
  ['fails to list versions', internal, versions, 'first'],
  ['refuses to list versions', refused, versions, 'first'],
  ['fails to say whether it keeps versions', internal, versioning, 'first'],
  ['refuses to say whether it keeps versions', refused, versioning, 'first'],
  ['fails to tell the time', internal, clock, 'first'],
  ['refuses to tell the time', refused, clock, 'first'],
  ['has no time', hasNoTime, clock, 'first'],
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

  it.each(told)('%s', async (_name, fault, rule, end) => {
    const source = bad.source();
    bad.proxy.misbehave(fault, rule);
    const run = await bad.backUp(source);
    expect(bad.proxy.faulted).toBeGreaterThan(0);
    bad.proxy.heal();
    if (end instanceof RegExp) {
      expect([run.state, run.error?.code]).toEqual(['Failed', expect.stringMatching(end)]);
      return;
    }
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    expect(await strategyOf(source, run.runId)).toBe(end === 'first' ? 'databaseFirst' : 'exact');
    expect(await bad.problemsOf(source, run.runId)).toEqual([]);
  });
});
