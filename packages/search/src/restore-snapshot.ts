import {
  LcbError,
  type SearchProgress,
  type SearchRestored,
  type SearchSnapshot,
  type SearchTarget,
} from '@lcb/core';
import { z } from 'zod';
import { reasonOf, type SearchClient, statusOf } from './client.ts';
import { ensureRepository } from './repository.ts';

const shardsSchema = z.array(
  z.object({
    index: z.string(),
    prirep: z.string(),
    state: z.string(),
    'unassigned.reason': z.string().nullish(),
  }),
);

function restoredNames({ prefix }: SearchTarget, indices: readonly string[]): string[] {
  return indices.map((name) => prefix + name);
}

export async function occupied(
  client: SearchClient,
  target: SearchTarget,
  indices: readonly string[],
): Promise<readonly string[]> {
  const { body } = await client.indices.get({
    index: restoredNames(target, indices),
    ignore_unavailable: true,
    allow_no_indices: true,
  });
  return Object.keys(body).sort();
}

/** Nothing of an index that is there is ever overwritten: the cluster refuses, unless it is the one that this restore began. */
export async function startRestore(
  client: SearchClient,
  target: SearchTarget,
  { snapshot, indices }: SearchSnapshot,
): Promise<void> {
  await ensureRepository(client, target.repository);
  // A repeated start finds the indices that the first one made: the plan has seen to it that there were none before.
  if ((await occupied(client, target, indices)).length > 0) return;
  await client.snapshot.restore({
    repository: target.repository.name,
    snapshot,
    wait_for_completion: false,
    body: {
      indices: indices.join(','),
      include_global_state: false,
      include_aliases: false,
      partial: false,
      ...(target.prefix === '' ? {} : { rename_pattern: '^(.+)$', rename_replacement: `${target.prefix}$1` }),
    },
  });
}

export async function restoreProgress(
  client: SearchClient,
  target: SearchTarget,
  { indices, snapshot }: SearchSnapshot,
): Promise<SearchProgress<SearchRestored>> {
  const names = restoredNames(target, indices);
  let shards: z.infer<typeof shardsSchema>;
  try {
    const { body } = await client.cat.shards({
      index: names,
      format: 'json',
      h: ['index', 'prirep', 'state', 'unassigned.reason'],
    });
    shards = shardsSchema.parse(body).filter(({ prirep }) => prirep === 'p');
  } catch (error) {
    if (statusOf(error) === 404 && reasonOf(error).type === 'index_not_found_exception')
      return { state: 'NotFound' };
    throw error;
  }
  const failed = shards.find((shard) => shard['unassigned.reason'] === 'ALLOCATION_FAILED');
  if (failed !== undefined) {
    const error = new LcbError({
      code: 'search.restoreFailed',
      message: `The index ${failed.index} could not be restored from the snapshot ${snapshot}: the cluster can't allocate a shard of it. \`GET _cluster/allocation/explain\` says why.`,
    });
    return { state: 'Failed', error: error.toRecord() };
  }
  if (!shards.every(({ state }) => state === 'STARTED')) return { state: 'InProgress' };
  await client.indices.refresh({ index: names });
  const { body } = await client.count({ index: names });
  return {
    state: 'Succeeded',
    result: { indices: names, documents: z.object({ count: z.number() }).parse(body).count },
  };
}

export async function discardRestored(
  client: SearchClient,
  target: SearchTarget,
  indices: readonly string[],
): Promise<void> {
  const names = await occupied(client, target, indices);
  if (names.length > 0) await client.indices.delete({ index: [...names], ignore_unavailable: true });
}
