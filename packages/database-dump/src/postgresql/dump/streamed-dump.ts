import type { DumpPart, DumpStatements } from '@lcb/core';
import { FirstStatements } from '../../sql/first-statements.ts';
import type { InspectedTable, Inspection } from '../inspector/dump-inspector.ts';

/** A stored part and what passed by in it. */
export interface InspectedPart {
  readonly part: DumpPart;
  readonly inspection: Omit<Inspection, 'bytes' | 'sha256'>;
  /** What the server says to have sent of the tables of which it says so; for the others it has to be asked. */
  readonly sent: readonly InspectedTable[];
}

/** All parts of a dump in their order, and what passed by in them. */
export interface StreamedDump {
  readonly parts: readonly DumpPart[];
  readonly tables: readonly InspectedTable[];
  readonly sequences: number;
  readonly largeObjects: number;
  readonly statements: DumpStatements;
  readonly sent: readonly InspectedTable[];
}

export function inspectedDump(parts: readonly InspectedPart[]): StreamedDump {
  const found = parts.map(({ inspection }) => inspection);
  return {
    parts: parts.map(({ part }) => part),
    tables: found.flatMap(({ tables }) => tables),
    sequences: found.reduce((sum, { sequences }) => sum + sequences, 0),
    largeObjects: found.reduce((sum, { largeObjects }) => sum + largeObjects, 0),
    statements: FirstStatements.joined(found.map(({ statements }) => statements)).found,
    sent: parts.flatMap(({ sent }) => sent),
  };
}
