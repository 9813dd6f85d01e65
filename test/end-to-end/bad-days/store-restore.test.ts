import type { Unit } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { compareEnvironments } from '../../compare/index.ts';
import { type BadStore, badStore } from '../../support/bad-store.ts';
import { compared, tracesBelow } from '../../support/bucket-fixture.ts';
import type { Fault, FaultRule } from '../../support/faulty-s3.ts';
import type { PlacedEnvironment } from '../../support/local-fixture.ts';
import { versitygwProgram } from '../../support/s3-programs.ts';
import * as lies from '../../support/store-lies.ts';

const database: readonly Unit[] = ['database'];
const library: readonly Unit[] = ['documentLibrary'];

const internal: Fault = { kind: 'error', status: 500, code: 'InternalError' };
const refused: Fault = { kind: 'error', status: 403, code: 'AccessDenied' };
const manifest: FaultRule = { operation: 'GetObject', path: '/manifest.json' };
const index: FaultRule = { operation: 'GetObject', path: '/library/index-' };
const dump: FaultRule = { operation: 'GetObject', path: '/database/dump.sql' };
const objects: FaultRule = { operation: 'GetObject', path: '/objects/' };
const copies: FaultRule = { operation: 'CopyObject', path: '/restored' };
const listings: FaultRule = { operation: 'ListObjectsV2', path: '/restored' };

const told: readonly (readonly [string, Fault, FaultRule, readonly Unit[]])[] = [
  ...[manifest, index].flatMap((rule) => [
    [`fails to give ${rule.path}`, internal, rule, library] as const,
    [`refuses ${rule.path}`, refused, rule, library] as const,
    [`changes a byte of ${rule.path}`, lies.flipsByte, rule, library] as const,
    [`cuts ${rule.path} short`, lies.cutsShort, rule, library] as const,
    [`does not know ${rule.path}`, lies.deniesKnowing, rule, library] as const,
    [`answers ${rule.path} with an error and 200`, lies.errorWith200, rule, library] as const,
    [`answers ${rule.path} with a page`, lies.answersWithPage, rule, library] as const,
  ]),
  ['fails to copy', internal, copies, library],
  ['pretends to copy', lies.pretendsToCopy, copies, library],
  ['pretends one copy', lies.pretendsToCopy, { ...copies, from: 5, times: 1 }, library],
  ['copies with an error and 200', lies.errorWith200, copies, library],
  ['answers a copy with a page', lies.answersWithPage, copies, library],
  ['omits an object of the target', lies.omitsFirst, { ...listings, from: 2 }, library],
  ['lists other sizes of the target', lies.listsOtherSizes, { ...listings, from: 2 }, library],
  ['lists nothing of the target', lies.listsNothing, listings, library],
  ['lists half of the target', lies.listsOnlyHalf, { ...listings, from: 2 }, library],
  ['answers listings of the target with a page', lies.answersWithPage, listings, library],
  ['changes a byte of the dump', lies.flipsByte, dump, database],
  ['cuts the dump short', lies.cutsShort, dump, database],
  ['cuts the connection in the middle of the dump', { kind: 'cutsBody', after: 2000 }, dump, database],
  ['does not know the dump', lies.deniesKnowing, dump, database],
  ['answers the dump with a page', lies.answersWithPage, dump, database],
];

/** By streaming, into a folder. */
const streamed: readonly (readonly [string, Fault, FaultRule])[] = [
  ['fails to give objects', internal, objects],
  ['changes a byte of an object', lies.flipsByte, { ...objects, from: 4, times: 1 }],
  ['cuts objects short', lies.cutsShort, objects],
  ['cuts the connection in the middle of objects', { kind: 'cutsBody', after: 100 }, objects],
  ['does not know an object', lies.deniesKnowing, { ...objects, from: 4, times: 1 }],
  ['answers an object with an error and 200', lies.errorWith200, { ...objects, from: 4, times: 1 }],
];

const withVersitygw = await requireOrSkip('versitygw', versitygwProgram);
withVersitygw('a restore, while the store', () => {
  let bad: BadStore;
  let source: PlacedEnvironment;
  let backupId: string;
  let folders = 0;
  beforeAll(async () => {
    bad = await badStore();
    source = bad.source();
    const backup = await bad.backUp(source);
    expect([backup.state, backup.error]).toEqual(['Succeeded', undefined]);
    backupId = backup.runId;
  });
  afterEach(() => bad.proxy.heal());
  afterAll(() => bad.remove());

  /** Succeeds only when what is there is what was backed up; otherwise nothing stays of the library. */
  async function isNeverWrong(
    target: PlacedEnvironment,
    fault: Fault,
    rule: FaultRule,
    units: readonly Unit[],
  ) {
    bad.proxy.misbehave(fault, rule);
    const run = await bad.restore(source, backupId, target, units);
    expect(bad.proxy.faulted).toBeGreaterThan(0);
    bad.proxy.heal();
    if (run.state === 'Succeeded') {
      const whole = compared(source, bad.server);
      const restored = compared(target, bad.server);
      // Of the unit that was not restored the source stands for itself.
      const { differences } = await compareEnvironments({
        a: whole,
        b:
          units === library
            ? { ...restored, databaseUrl: whole.databaseUrl }
            : { ...whole, databaseUrl: restored.databaseUrl },
      });
      expect(differences).toEqual([]);
      return run;
    }
    expect(run.error?.message).toMatch(/\S{3,}/);
    return run;
  }

  it.each(told)('%s', async (_name, fault, rule, units) => {
    const target = bad.target();
    const run = await isNeverWrong(target, fault, rule, units);
    if (run.state !== 'Failed' || rule === listings) return;
    const { environment } = target.environment;
    const left = await tracesBelow(bad.server, 'restored', `${environment}/`);
    if (left.length > 0) expect(run.error?.message).toContain('left');
  });

  it.each(streamed)('%s, read into a folder', async (_name, fault, rule) => {
    folders += 1;
    const target = bad.fixture.newEnvironment(`folder-${folders}`);
    await isNeverWrong(target, fault, rule, library);
  });

  it('throttles, fails, loses answers and cuts bodies, a while each: what is restored is right', async () => {
    const target = bad.target();
    const passing = [
      { kind: 'error', status: 503, code: 'SlowDown' },
      internal,
      { kind: 'losesAnswer' },
      lies.errorWith200,
    ] as const satisfies readonly Fault[];
    for (const operation of ['ListObjectsV2', 'CopyObject'] as const)
      for (const fault of passing) bad.proxy.misbehave(fault, { operation, times: 1 });
    bad.proxy.misbehave(
      { kind: 'error', status: 503, code: 'SlowDown' },
      { operation: 'GetObject', times: 2 },
    );
    bad.proxy.misbehave({ kind: 'cutsBody', after: 2000 }, { ...dump, times: 1 });
    const run = await bad.restore(source, backupId, target);
    expect([run.state, run.error]).toEqual(['Succeeded', undefined]);
    expect(bad.proxy.faulted).toBeGreaterThan(8);
    const sides = { a: compared(source, bad.server), b: compared(target, bad.server) };
    expect((await compareEnvironments(sides)).differences).toEqual([]);
  });
});
