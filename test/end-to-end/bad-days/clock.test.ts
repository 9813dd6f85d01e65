import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareEnvironments } from '../../compare/index.ts';
import {
  backupRequest,
  type LocalFixture,
  localFixture,
  restoreRequest,
} from '../../support/local-fixture.ts';
import { filesBelow, folderOf, verify } from '../../support/repository.ts';
import { runToEnd } from '../../support/run-to-end.ts';

const hour = 3_600_000;

/** What the service's clock shows beside the time that it is, one after the other, from one edge of a step to the next. */
const jumps = {
  'one hour forth, and stays': [0, 0, 0, 0, hour],
  'one hour back, and stays': [0, 0, 0, 0, -hour],
  'an hour forth and back between any two steps': [0, hour],
  'an hour back and forth between any two steps': [0, -hour],
} as const;

describe('a clock that jumps', () => {
  let fixture: LocalFixture;
  beforeAll(async () => {
    fixture = await localFixture();
  });
  afterAll(() => fixture.remove());

  it.each(Object.entries(jumps))('%s', async (name, offsets) => {
    let edges = 0;
    const stays = name.endsWith('stays');
    const offset = () => offsets[stays ? Math.min(edges, offsets.length - 1) : edges % offsets.length] ?? 0;
    const problems: string[] = [];
    const settings = await fixture.settings({ leaseSeconds: 5 });
    const service = await fixture.open(
      settings,
      (event) => {
        if (event.kind === 'problem') problems.push(event.message);
        if (event.kind === 'step') edges += 1;
      },
      { clock: { now: () => new Date(Date.now() + offset()).toISOString() } },
    );
    const backup = await runToEnd(service, backupRequest(fixture.source, { mode: 'full' }));
    const target = fixture.newEnvironment(`clock-${Object.keys(jumps).indexOf(name)}`);
    const restore = await runToEnd(service, restoreRequest(fixture.source, backup.runId, target));
    expect([backup.state, backup.error]).toEqual(['Succeeded', undefined]);
    expect([restore.state, restore.error]).toEqual(['Succeeded', undefined]);
    expect(problems).toEqual([]);
    const verification = await verify(service, fixture.source, backup.runId);
    expect(verification.problems).toEqual([]);
    expect((await compareEnvironments({ a: fixture.source, b: target })).differences).toEqual([]);
    await service.close();

    const documents: Record<string, unknown> = { backup, restore };
    const folder = folderOf(fixture.source.environment.backups.location);
    const files = (await filesBelow(folder)).filter(
      (file) => [backup.runId, restore.runId].some((run) => file.includes(run)) && file.endsWith('.json'),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) documents[file] = JSON.parse(await readFile(join(folder, file), 'utf8'));
    expect(backwards(documents, '')).toEqual([]);
  });
});

/** Intervals that end before they begin. */
function backwards(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields: Record<string, unknown> = { ...value };
  const pairs = [
    ['from', 'to'],
    ['listedFrom', 'listedTo'],
    ['startedAt', 'completedAt'],
    ['startedAt', 'endedAt'],
  ] as const;
  const wrong = pairs.flatMap(([first, last]) => {
    const [from, to] = [fields[first], fields[last]];
    if (typeof from !== 'string' || typeof to !== 'string') return [];
    return Date.parse(from) > Date.parse(to) ? [`${path}: ${first} ${from}, ${last} ${to}`] : [];
  });
  return [
    ...wrong,
    ...Object.entries(fields).flatMap(([name, field]) => backwards(field, `${path}/${name}`)),
  ];
}
