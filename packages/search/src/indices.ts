import { LcbError } from '@lcb/core';
import { z } from 'zod';
import { type SearchClient, statusOf } from './client.ts';

const statsSchema = z.object({
  indices: z
    .record(
      z.string(),
      z.object({
        primaries: z.object({
          docs: z.object({ count: z.number() }),
          store: z.object({ size_in_bytes: z.number() }),
        }),
      }),
    )
    .default({}),
});

export interface IndexFacts {
  readonly indices: readonly string[];
  readonly documents: number;
  readonly bytes: number;
}

/**
 * The open indices that fit the patterns, with what is in them.
 * @throws LcbError `search.noIndices`, `search.notReady`
 */
export async function findIndices(client: SearchClient, patterns: readonly string[]): Promise<IndexFacts> {
  const indices = await namesOf(client, patterns);
  if (indices.length === 0) {
    throw new LcbError({
      code: 'search.noIndices',
      message: `The search cluster has no index that fits ${patterns.join(', ')}. Check search.indices, or leave the unit search out.`,
    });
  }
  await refuseUnready(client, indices);
  const { body } = await client.indices.stats({ index: indices, metric: ['docs', 'store'] });
  const stats = Object.values(statsSchema.parse(body).indices);
  return {
    indices,
    documents: stats.reduce((sum, { primaries }) => sum + primaries.docs.count, 0),
    bytes: stats.reduce((sum, { primaries }) => sum + primaries.store.size_in_bytes, 0),
  };
}

/** From the cluster's metadata: an index whose shards are still recovering has no statistics, but it is there. */
async function namesOf(client: SearchClient, patterns: readonly string[]): Promise<string[]> {
  try {
    const { body } = await client.indices.getAlias({ index: [...patterns], expand_wildcards: 'open' });
    return Object.keys(body).sort();
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  }
}

const healthSchema = z.object({ status: z.string() });

/** A snapshot of an index whose shards are not all there would fail: after a restart that takes a while. */
async function refuseUnready(client: SearchClient, indices: readonly string[]): Promise<void> {
  const { body } = await client.cluster.health({ index: [...indices], timeout: '1s' });
  if (healthSchema.parse(body).status !== 'red') return;
  throw new LcbError({
    code: 'search.notReady',
    message: `Not every shard of ${indices.join(', ')} is there (the cluster's health is red). It may be recovering; \`GET _cluster/health\` says more.`,
    retryable: true,
  });
}

const rootSchema = z.object({
  version: z.object({ number: z.string(), distribution: z.string().optional() }),
});

/** `opensearch 2.19.1`, `elasticsearch 8.17.0` */
export async function versionOf(client: SearchClient): Promise<string> {
  const { body } = await client.info();
  const { number, distribution = 'elasticsearch' } = rootSchema.parse(body).version;
  return `${distribution} ${number}`;
}
