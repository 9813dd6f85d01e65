import type { Measurement } from './measurement/measurement.ts';

/** The rows of the table, in its order. */
export const scenarios = [
  'bucket copy (full)',
  'bucket no-op incremental',
  'bucket 1 % changed',
  'large objects to a bucket',
  'large objects to a folder',
  'large objects to another server',
  'PostgreSQL dump to a bucket',
  'PostgreSQL load from a bucket',
  'MariaDB dump to a bucket',
  'MariaDB load from a bucket',
  'library copy (full)',
  'no-op incremental',
  '1 % changed',
  'database dump',
  'database restore (load)',
  'library restore',
  'verify library',
  'verify database',
] as const;
export type Scenario = (typeof scenarios)[number];

/** One measurement of one scenario, and of what it is compared with, made one after the other. */
export interface Sample {
  readonly scenario: Scenario;
  /** Objects that were looked at; a database has none. */
  readonly objects: number | null;
  /** Bytes that were moved or read, uncompressed. */
  readonly bytes: number;
  readonly measurement: Measurement;
  readonly baselines: readonly { readonly name: string; readonly measurement: Measurement }[];
}
