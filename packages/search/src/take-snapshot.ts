import { type EnvironmentSearch, LcbError, type SearchProgress, type SearchSnapshot } from '@lcb/core';
import { z } from 'zod';
import { reasonOf, type SearchClient, statusOf } from './client.ts';
import { findIndices, versionOf } from './indices.ts';
import { ensureRepository } from './repository.ts';

/** What is only known at the beginning goes with the snapshot, so that whoever asks later finds it there. */
const metadataSchema = z.object({ documents: z.number().int(), taken_by: z.literal('liferay-cloud-backup') });

const snapshotsSchema = z.object({
  snapshots: z.array(
    z.object({
      snapshot: z.string(),
      state: z.string(),
      indices: z.array(z.string()),
      metadata: metadataSchema.optional(),
      failures: z
        .array(z.object({ index: z.string().optional(), reason: z.string().optional() }))
        .default([]),
      shards: z.object({ total: z.number(), failed: z.number(), successful: z.number() }).optional(),
    }),
  ),
});

const statusSchema = z.object({
  snapshots: z.array(
    z.object({
      stats: z.object({
        processed: z.object({ size_in_bytes: z.number() }).optional(),
        total: z.object({ size_in_bytes: z.number() }),
      }),
    }),
  ),
});

export async function startSnapshot(
  client: SearchClient,
  { indices: patterns, repository }: EnvironmentSearch,
  snapshot: string,
): Promise<void> {
  await ensureRepository(client, repository);
  const { indices, documents } = await findIndices(client, patterns);
  const metadata: z.infer<typeof metadataSchema> = { documents, taken_by: 'liferay-cloud-backup' };
  try {
    await client.snapshot.create({
      repository: repository.name,
      snapshot,
      wait_for_completion: false,
      body: {
        indices: indices.join(','),
        include_global_state: false,
        ignore_unavailable: false,
        partial: false,
        metadata,
      },
    });
  } catch (error) {
    const { type, reason } = reasonOf(error);
    const exists =
      /invalid_snapshot_name|snapshot_name_already_in_use/.test(type) && /already|in progress/.test(reason);
    if (!exists) throw error;
  }
}

export async function snapshotProgress(
  client: SearchClient,
  { repository }: EnvironmentSearch,
  snapshot: string,
): Promise<SearchProgress<SearchSnapshot>> {
  const place = { repository: repository.name, snapshot };
  let found: z.infer<typeof snapshotsSchema>['snapshots'][number] | undefined;
  try {
    found = snapshotsSchema.parse((await client.snapshot.get(place)).body).snapshots[0];
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  if (found === undefined) return { state: 'NotFound' };
  const { state, indices, shards, failures, metadata } = found;
  if (state === 'IN_PROGRESS') return { state: 'InProgress', ...(await bytesOf(client, place)) };
  if (state !== 'SUCCESS' || shards === undefined || shards.failed > 0) {
    const [first] = failures;
    const why = first === undefined ? '' : ` ${first.index ?? ''}: ${first.reason ?? ''}`;
    const error = new LcbError({
      code: 'search.snapshotFailed',
      message: `The snapshot ${snapshot} is ${state}: ${shards?.failed ?? 'some'} of ${shards?.total ?? 'its'} shards failed.${why}`,
      retryable: true,
    });
    return { state: 'Failed', error: error.toRecord() };
  }
  const { expectedBytes } = await bytesOf(client, place);
  return {
    state: 'Succeeded',
    result: {
      type: 'snapshot',
      repository,
      snapshot,
      indices,
      shards: shards.total,
      documents: metadata?.documents ?? 0,
      ...(expectedBytes === undefined ? {} : { bytes: expectedBytes }),
      version: await versionOf(client),
    },
  };
}

async function bytesOf(
  client: SearchClient,
  place: { readonly repository: string; readonly snapshot: string },
) {
  const { body } = await client.snapshot.status(place);
  const stats = statusSchema.parse(body).snapshots[0]?.stats;
  if (stats === undefined) return {};
  return {
    processedBytes: stats.processed?.size_in_bytes ?? 0,
    expectedBytes: stats.total.size_in_bytes,
  };
}

export async function deleteSnapshot(
  client: SearchClient,
  { repository }: EnvironmentSearch,
  snapshot: string,
): Promise<void> {
  try {
    await client.snapshot.delete({ repository: repository.name, snapshot });
  } catch (error) {
    // Neither the snapshot nor, perhaps, its repository.
    if (statusOf(error) !== 404) throw error;
  }
}
