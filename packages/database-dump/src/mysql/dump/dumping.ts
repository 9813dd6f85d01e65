import type { DumpPart, DumpRequest } from '@lcb/core';
import type { PartSizes } from '../../sections/part-sizes.ts';
import { FirstStatements } from '../../sql/first-statements.ts';
import type { FailureScope } from '../../stream/failure-scope.ts';
import type { Progress } from '../../stream/progress.ts';
import type { WrittenObjects } from '../../stream/written-objects.ts';
import type { Survey } from '../catalog/survey.ts';
import type { ClientTools, FindClientTools } from '../client-tools.ts';
import type { Endpoint } from '../connection/endpoint.ts';
import type { DumpInspection } from './split-dump.ts';

export interface DumpOptions {
  readonly clientTools: FindClientTools;
  /** Where the request does not say. */
  readonly lockSeconds: number;
  readonly workers: number;
  readonly sizes: PartSizes;
}

/** Everything that the parts of one dump share. */
export interface Dumping {
  readonly request: DumpRequest;
  readonly options: DumpOptions;
  /** Programs and sessions that read at a time. */
  readonly workers: number;
  /** For how many seconds everybody may be kept from writing, so that all is read of one moment; 0 for never. */
  readonly lockSeconds: number;
  readonly endpoint: Endpoint;
  readonly objects: WrittenObjects;
  readonly scope: FailureScope;
}

/** What is dumped, and with what. */
export interface DumpSource {
  readonly found: Survey;
  readonly tools: ClientTools;
  /** Databases that have scheduled events. */
  readonly eventSchemas: readonly string[];
  readonly progress: Progress;
}

/** Stored parts in their order, and what passed by in them. */
export interface StreamedDump {
  readonly parts: readonly DumpPart[];
  readonly inspection: DumpInspection;
}

export function joinedDumps(dumps: readonly StreamedDump[]): StreamedDump {
  const inspections = dumps.map(({ inspection }) => inspection);
  return {
    parts: dumps.flatMap(({ parts }) => parts),
    inspection: {
      tables: inspections.flatMap(({ tables }) => tables),
      sequences: inspections.reduce((sum, { sequences }) => sum + sequences, 0),
      statements: FirstStatements.joined(inspections.map(({ statements }) => statements)),
    },
  };
}
