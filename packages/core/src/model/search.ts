import { z } from 'zod';
import { secretRefSchema, urlWithoutPassword } from './secret-ref.ts';
import { bytesSchema, countSchema } from './values.ts';

export const searchConnectionSchema = z.object({
  /** `https://user@host:9200`, without the password. */
  url: urlWithoutPassword.regex(/^https?:/, 'must look like https://user@host:9200'),
  /** The user's password, by reference. */
  secret: secretRefSchema.optional(),
});
export type SearchConnection = z.infer<typeof searchConnectionSchema>;

/** A whole cluster is never meant: others may have their indices there, too. */
const indexPatternSchema = z
  .string()
  .regex(
    /^[a-z0-9][^A-Z\s,/\\"<>|?#]*$/,
    'must be the name of an index or a pattern such as liferay-*, in lower case, and not begin with *, - or .',
  );

export const searchRepositorySchema = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be lower-case letters, digits, _ and -'),
  /** `fs`, `s3`, `azure`, `gcs`, …: what the cluster has a plugin for. */
  type: z.string().min(1),
  /** As the cluster's documentation says; no credentials, which belong into the cluster's keystore. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type SearchRepository = z.infer<typeof searchRepositorySchema>;

const searchPrefixSchema = z
  .string()
  .regex(/^([a-z0-9][a-z0-9_-]*)?$/, 'must be lower-case letters, digits, _ and -');

export const environmentSearchSchema = searchConnectionSchema.extend({
  indices: z.array(indexPatternSchema).min(1),
  repository: searchRepositorySchema,
  /** What a restore into this environment puts before the names of indices. `{environment}-` when left out. */
  restorePrefix: searchPrefixSchema.optional(),
});
export type EnvironmentSearch = z.infer<typeof environmentSearchSchema>;

/** Where a restore puts indices: under their names with this before them. */
export const searchTargetSchema = searchConnectionSchema.extend({
  repository: searchRepositorySchema,
  prefix: searchPrefixSchema,
});
export type SearchTarget = z.infer<typeof searchTargetSchema>;

/** A snapshot of an environment's indices, held by the search cluster's repository. */
export const searchSnapshotSchema = z.object({
  type: z.literal('snapshot'),
  repository: searchRepositorySchema,
  snapshot: z.string(),
  indices: z.array(z.string()),
  shards: countSchema,
  /** Counted at its beginning; indexing may have gone on. */
  documents: countSchema,
  bytes: bytesSchema.optional(),
  /** `opensearch 2.19.1` */
  version: z.string(),
});
export type SearchSnapshot = z.infer<typeof searchSnapshotSchema>;

/** What a restore of it left. */
export const searchRestoredSchema = z.object({ indices: z.array(z.string()), documents: countSchema });
export type SearchRestored = z.infer<typeof searchRestoredSchema>;
