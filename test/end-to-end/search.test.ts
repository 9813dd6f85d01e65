import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type EnvironmentSearch, environmentSchema, type RunRequest, stepNames } from '@lcb/core';
import { requireOrSkip } from '@lcb/embedded-postgres/testing';
import type { LocalService, LocalSettings, OwnerEvent } from '@lcb/functions-local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import {
  backupRequest,
  deleteRequest,
  type LocalFixture,
  localFixture,
  type PlacedEnvironment,
  restoreRequest,
  sweepRequest,
} from '../support/local-fixture.ts';
import { openSearchLibraries } from '../support/opensearch/libraries.ts';
import { type OpenSearchServer, openSearchServer } from '../support/opensearch/server.ts';
import { filesBelow, folderOf, verify } from '../support/repository.ts';
import { runToEnd } from '../support/run-to-end.ts';
import { readJournal, runServiceProcess } from '../support/service-process.ts';

const withOpenSearch = await requireOrSkip('OpenSearch (Java 17, Maven)', openSearchLibraries);

const hitsSchema = z.object({
  hits: z.object({ hits: z.array(z.object({ _id: z.string(), _source: z.unknown() })) }),
});
const snapshotsSchema = z.object({ snapshots: z.array(z.object({ snapshot: z.string() })) });

withOpenSearch('the search index', () => {
  let fixture: LocalFixture;
  let server: OpenSearchServer;
  let source: PlacedEnvironment;

  function searching(place: PlacedEnvironment, changes: Partial<EnvironmentSearch> = {}): PlacedEnvironment {
    const name = 'lcb';
    const search = {
      url: server.url,
      indices: ['liferay-*'],
      repository: { name, type: 'fs', settings: { location: join(server.snapshots, name) } },
      ...changes,
    };
    return { ...place, environment: environmentSchema.parse({ ...place.environment, search }) };
  }
  async function documents(index: string) {
    const path = `/${index}/_search?size=1000&sort=title.keyword`;
    const { hits } = hitsSchema.parse(await server.request('GET', path));
    return hits.hits.map(({ _id, _source }) => ({ _id, _source }));
  }
  async function snapshots(repository = 'lcb') {
    const answer = await server.request('GET', `/_snapshot/${repository}/_all`);
    return snapshotsSchema.parse(answer).snapshots.map(({ snapshot }) => snapshot);
  }
  async function during<T>(
    use: (service: LocalService) => Promise<T>,
    onEvent: (event: OwnerEvent, service: LocalService) => void | Promise<void> = () => undefined,
    given?: LocalSettings,
  ): Promise<T> {
    const settings = given ?? (await fixture.settings({ leaseSeconds: 2 }));
    const service: LocalService = await fixture.open(settings, (event) => onEvent(event, service));
    try {
      return await use(service);
    } finally {
      await service.close();
    }
  }
  const ofSearch = (place: PlacedEnvironment): RunRequest => backupRequest(place, { units: ['search'] });
  function into(backupId: string, name: string): RunRequest {
    const { repository } = searchOf(source);
    const request = restoreRequest(source, backupId, fixture.newEnvironment(name), `into-${name}`);
    const search = { url: server.url, repository, prefix: `${name}-` };
    return { ...request, units: ['search'], target: { environment: name, search } };
  }
  function searchOf({ environment: { search } }: PlacedEnvironment): EnvironmentSearch {
    if (search === undefined) throw new TypeError('no search');
    return search;
  }

  beforeAll(async () => {
    [fixture, server] = await Promise.all([localFixture(), openSearchServer()]);
    source = searching(fixture.source);
    for (const [index, count] of [
      ['liferay-0', 3],
      ['liferay-20101', 40],
      ['neighbour', 1],
    ] as const) {
      const titles = Array.from({ length: count }, (_, number) => `Größe ${String(number).padStart(3, '0')}`);
      await Promise.all(
        titles.map((title, number) =>
          server.request('PUT', `/${index}/_doc/${number}`, { title, entryClassPK: number, index }),
        ),
      );
      await server.request('POST', `/${index}/_refresh`);
    }
  }, 400_000);
  afterAll(async () => {
    await server.remove();
    await fixture.remove();
  });

  it('is backed up with the rest and restored under other names, document for document', {
    timeout: 300_000,
  }, async () => {
    await during(async (service) => {
      const units = ['database', 'documentLibrary', 'search'] as const;
      const run = await runToEnd(service, backupRequest(source, { units: [...units] }));
      expect(run).toMatchObject({
        state: 'Succeeded',
        units: { search: { state: 'Succeeded', usable: true, objects: 43 } },
      });
      const verification = await verify(service, source, run.runId);
      expect(verification.ok).toBe(true);
      expect(verification.notVerified).toEqual([
        expect.stringMatching(/search: held by .*not verifiable offline/),
      ]);
      expect(verification.manifest?.units.search).toMatchObject({
        type: 'snapshot',
        snapshot: `${run.runId}-1`,
        indices: expect.arrayContaining(['liferay-0', 'liferay-20101']),
        documents: 43,
        version: 'opensearch 2.19.1',
      });
      expect(verification.manifest?.units.search?.indices).toHaveLength(2);

      const restore = await runToEnd(service, into(run.runId, 'uat'));
      expect(restore).toMatchObject({ state: 'Succeeded', units: { search: { objects: 43 } } });
      for (const index of ['liferay-0', 'liferay-20101'])
        expect(await documents(`uat-${index}`)).toEqual(await documents(index));
      await expect(server.request('HEAD', '/uat-neighbour')).rejects.toThrow('404');

      // The same again would write over them.
      const again = { ...into(run.runId, 'uat'), requestId: 'into-uat-again' };
      expect(await runToEnd(service, again)).toMatchObject({
        state: 'Failed',
        error: { code: 'restore.targetOccupied' },
      });
      expect(await documents('uat-liferay-0')).toEqual(await documents('liferay-0'));
    });
  });

  it('is refused with what to do: no such index, a repository of somebody else, a cluster that is not there', async () => {
    await during(async ({ provider }) => {
      const inspect = (changes: Partial<EnvironmentSearch>) =>
        provider.inspectSearch(searchOf(searching(fixture.source, changes)));
      await expect(inspect({ indices: ['other-*'] })).rejects.toMatchObject({ code: 'search.noIndices' });
      const nobody = inspect({ url: 'http://127.0.0.1:9' });
      await expect(nobody).rejects.toMatchObject({ code: 'search.unreachable', retryable: true });
    });
    await server.request('PUT', '/_snapshot/theirs', {
      type: 'fs',
      settings: { location: join(server.snapshots, 'theirs') },
    });
    const theirs = searching(fixture.source, {
      repository: { name: 'theirs', type: 'fs', settings: { location: join(server.snapshots, 'mine') } },
    });
    await during(async (service) => {
      expect(await runToEnd(service, ofSearch(theirs))).toMatchObject({
        state: 'Failed',
        error: { code: 'search.repositoryDiffers' },
      });
    });
    expect(await snapshots('theirs')).toEqual([]);
  });

  it('leaves no snapshot when it is cancelled', async () => {
    const before = await snapshots();
    await during(
      async (service) => {
        expect((await runToEnd(service, ofSearch(source))).state).toBe('Cancelled');
      },
      async (event, service) => {
        if (event.kind !== 'step' || event.step !== 'backup.search.poll' || event.phase !== 'begin') return;
        const run = await service.catalog.forProject('retail').run(event.runId);
        if (run !== undefined && !run.cancelRequested) await service.requestCancel(run, 'bob@example.com');
      },
    );
    expect(await snapshots()).toEqual(before);
  });

  it('goes with its backup when a sweep gives the space back', async () => {
    // Of an environment of its own: each service of these tests has another key.
    const place = searching(fixture.newEnvironment('swept'));
    await during(async (service) => {
      const { runId } = await runToEnd(service, ofSearch(place));
      await runToEnd(service, { ...deleteRequest(place, runId), graceSeconds: 0 });
      expect(await snapshots()).toContain(`${runId}-1`);
      const swept = await runToEnd(service, sweepRequest(place));
      expect({ state: swept.state, error: swept.error }).toEqual({ state: 'Succeeded', error: undefined });
      expect(await snapshots()).not.toContain(`${runId}-1`);
      const left = await filesBelow(folderOf(place.environment.backups.location));
      expect(left.filter((file) => file.includes(`/backups/${runId}/`))).toEqual([]);
    });
  });

  it('is taken anew when its server dies in the middle of a snapshot', { timeout: 400_000 }, async () => {
    for (let number = 0; number < 20; number += 1) {
      const noise = Array.from({ length: 100 }, () => randomBytes(60).toString('hex')).join(' ');
      await server.request('PUT', `/bulky-0/_doc/${number}`, { noise });
    }
    await server.request('POST', '/bulky-0/_flush');
    // So slow that it takes seconds, and the server is gone by then.
    const slow = searching(fixture.source, {
      indices: ['bulky-*'],
      repository: {
        name: 'slow',
        type: 'fs',
        settings: { location: join(server.snapshots, 'slow'), max_snapshot_bytes_per_sec: '20kb' },
      },
    });
    let isRestarted = false;
    await during(
      async (service) => {
        const run = await runToEnd(service, ofSearch(slow));
        expect({ error: run.error, run }).toMatchObject({
          error: undefined,
          run: { state: 'Succeeded', sealed: { attempt: 2 } },
        });
        expect(await snapshots('slow')).toEqual([`${run.runId}-2`]);
      },
      async (event) => {
        if (event.kind !== 'step' || event.step !== 'backup.search.poll' || isRestarted) return;
        isRestarted = true;
        await server.kill();
        await server.start();
      },
    );
  });

  it('survives kill -9 of the service at each of its steps', { timeout: 600_000 }, async () => {
    const settings = await fixture.settings({ leaseSeconds: 1 });
    const journal = join(fixture.folder, 'search-journal');
    async function throughKills(request: RunRequest, workflow: string) {
      for (const step of stepNames.filter((name) => name.startsWith(`${workflow}.search.`))) {
        for (const phase of ['begin', 'end'] as const) {
          const killAt = { step, phase };
          const { signal, stderr } = await runServiceProcess({ settings, request, killAt, journal });
          expect({ killAt, signal, stderr }).toEqual({ killAt, signal: 'SIGKILL', stderr: '' });
        }
      }
      const { code, stderr } = await runServiceProcess({ settings, request, killAt: null, journal });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    const before = await snapshots();
    await throughKills(ofSearch(source), 'backup');
    const [backupId = ''] = await during(
      async ({ catalog }) =>
        (await catalog.forProject('retail').runs({ kind: 'backup', limit: 10 })).runs.map(
          ({ runId }) => runId,
        ),
      undefined,
      settings,
    );
    expect(await snapshots()).toEqual([...before, `${backupId}-1`]);
    await throughKills(into(backupId, 'killed'), 'restore');
    expect(await documents('killed-liferay-20101')).toEqual(await documents('liferay-20101'));
    const steps = (await readJournal(journal)).map(({ step }) => step);
    expect(new Set(steps.filter((step) => step.includes('.search.'))).size).toBe(4);
    const left = await filesBelow(folderOf(source.environment.backups.location));
    const { problems, artefacts } = await during(
      (service) => verify(service, source, backupId),
      undefined,
      settings,
    );
    expect(problems).toEqual([]);
    expect(left.filter((file) => file.includes(`/backups/${backupId}/`))).toHaveLength(1 + artefacts);
  });
});
