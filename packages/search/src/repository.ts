import { LcbError, type SearchRepository } from '@lcb/core';
import { z } from 'zod';
import { reasonOf, type SearchClient, statusOf } from './client.ts';

const repositoriesSchema = z.record(
  z.string(),
  z.object({ type: z.string(), settings: z.record(z.string(), z.unknown()) }),
);

/**
 * Makes sure that the repository is there and as it was declared. The cluster itself verifies, when it is registered, that every
 * node can write to it. One of that name that is set up otherwise is somebody else's and not touched.
 */
export async function ensureRepository(
  client: SearchClient,
  { name, type, settings }: SearchRepository,
): Promise<void> {
  const found = await findRepository(client, name);
  if (found === undefined) {
    await client.snapshot.createRepository({
      repository: name,
      body: { type, settings },
      verify: true,
    });
    return;
  }
  const wrong = Object.entries(settings).find(
    ([key, value]) => String(found.settings[key]) !== String(value),
  );
  if (found.type === type && wrong === undefined) return;
  throw new LcbError({
    code: 'search.repositoryDiffers',
    message: `The search cluster has a repository ${name} already, with another ${found.type === type ? wrong?.[0] : 'type'}. Choose another name for search.repository, or declare it as it is.`,
  });
}

async function findRepository(client: SearchClient, name: string) {
  try {
    const { body } = await client.snapshot.getRepository({ repository: name });
    return repositoriesSchema.parse(body)[name];
  } catch (error) {
    if (statusOf(error) === 404 && reasonOf(error).type === 'repository_missing_exception') return undefined;
    throw error;
  }
}
