import { environmentSearchSchema, searchRepositorySchema, secretRefSchema } from '@lcb/core';
import { z } from 'zod';

const { url, indices, restorePrefix } = environmentSearchSchema.shape;
const repository = searchRepositorySchema.shape;

/** An environment's indices in an OpenSearch or Elasticsearch cluster. */
export const searchSchema = z
  .strictObject({
    url: url.describe('https://user@host:9200, without the password.'),
    secret: secretRefSchema
      .describe("The user's password by reference: env:NAME, or file:path relative to this file.")
      .optional(),
    indices: indices.describe("Names or patterns of this environment's indices, such as liferay-*. Never *."),
    repository: z
      .strictObject({
        name: repository.name.describe('Name of the snapshot repository. Registered if it is not there.'),
        type: repository.type.describe('fs, s3, azure, gcs: what the cluster has.'),
        settings: repository.settings.describe(
          "Its settings by the cluster's documentation. No credentials: those belong into the cluster's keystore.",
        ),
      })
      .describe('Where the cluster keeps its snapshots.'),
    restorePrefix: restorePrefix.describe(
      'Put before the names of indices by a restore into this environment: its name and a hyphen when left out.',
    ),
  })
  .describe('The search indices to back up where --units names search.');
