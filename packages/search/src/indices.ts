import { LcbError } from '@lcb/core';
import { z } from 'zod';
import type { SearchClient } from './client.ts';

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

/** The open indices that fit the patterns, with what is in them. @throws LcbError `search.noIndices` */
export async function findIndices(client: SearchClient, patterns: readonly string[]): Promise<IndexFacts> {
  const { body } = await client.indices.stats({
    index: [...patterns],
    metric: ['docs', 'store'],
    expand_wildcards: 'open',
  });
  const found = Object.entries(statsSchema.parse(body).indices);
  if (found.length === 0) {
    throw new LcbError({
      code: 'search.noIndices',
      message: `The search cluster has no index that fits ${patterns.join(', ')}. Check search.indices, or leave the unit search out.`,
    });
  }
  return {
    indices: found.map(([name]) => name).sort(),
    documents: found.reduce((sum, [, { primaries }]) => sum + primaries.docs.count, 0),
    bytes: found.reduce((sum, [, { primaries }]) => sum + primaries.store.size_in_bytes, 0),
  };
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
