import type { DumpRequest } from '@lcb/core';
import type { PartSizes } from '../../sections/part-sizes.ts';
import type { FailureScope } from '../../stream/failure-scope.ts';
import type { WrittenObjects } from '../../stream/written-objects.ts';
import type { FindClientTools } from '../client-tools.ts';
import type { Endpoint } from '../connection/endpoint.ts';

export interface DumpOptions {
  readonly clientTools: FindClientTools;
  /** How long to wait for a table that somebody holds exclusively; milliseconds. */
  readonly lockWait: number;
  /** Where the request does not say. */
  readonly workers: number;
  readonly sizes: PartSizes;
}

/** The program of one dump. */
export interface DumpTool {
  /** Absolute path. */
  readonly pgDump: string;
  /** What `pg_dump` says of itself. */
  readonly version: string;
}

/** Everything that the parts of one dump share. */
export interface Dumping {
  readonly request: DumpRequest;
  readonly options: DumpOptions;
  /** Programs and sessions that read at a time. */
  readonly workers: number;
  readonly endpoint: Endpoint;
  /** As whom tables are queried beside `pg_dump`, which reads them without queries. */
  readonly reader: Endpoint;
  readonly isOfStrangers: boolean;
  readonly objects: WrittenObjects;
  readonly scope: FailureScope;
}
