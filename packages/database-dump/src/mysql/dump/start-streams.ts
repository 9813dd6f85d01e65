import { changedDuringDump } from '../../sections/changed-during-dump.ts';
import { readFingerprint } from '../catalog/fingerprint.ts';
import { type Session, withSession } from '../connection/session.ts';
import { type Dumping, type DumpSource, joinedDumps, type StreamedDump } from './dumping.ts';
import type { Started } from './moment.ts';
import { startMysqldump } from './mysqldump.ts';
import type { TablePart } from './sections/plan-parts.ts';
import { startRest, streamSections } from './sections/stream-sections.ts';
import type { ViewReaders } from './sections/view-readers.ts';
import { type ProgramParts, streamProgram } from './stream-program.ts';

/** Whoever reads the tables, begun and waiting to be read from. */
export interface StartedStreams extends Started {
  /** Do all of them have to read of one moment? */
  readonly isInSections: boolean;
  readonly stream: () => Promise<StreamedDump>;
}

export function startWhole(dumping: Dumping, source: DumpSource): StartedStreams {
  const { endpoint, scope } = dumping;
  const { found, tools } = source;
  const schemas = found.databases.chosen;
  const withoutData = found.tables.filter(found.isWithoutData);
  const running = startMysqldump({ tools, endpoint, schemas, withoutData, signal: scope.signal });
  return {
    begun: running.begun,
    isInSections: false,
    async stream() {
      const dumped = await streamProgram(dumping, source, running.output(), { name: 'dump' });
      return joinedDumps([dumped, await streamEvents(dumping, source, {})]);
    },
  };
}

/** @param definitions the fingerprint of what is defined, from before. */
export function startSections(
  dumping: Dumping,
  source: DumpSource,
  {
    pieces,
    readers,
    definitions,
  }: {
    readonly pieces: readonly TablePart[];
    readonly readers: ViewReaders;
    readonly definitions: string;
  },
): StartedStreams {
  const rest = startRest(dumping, source, pieces);
  // No read view holds them still, and they are asked for at different times.
  const assertUnchanged = async () => {
    const read = (session: Session) => readFingerprint(session, source.found.databases.chosen);
    const now = await withSession(dumping.endpoint, read, { signal: dumping.scope.signal });
    if (now !== definitions) throw changedDuringDump('they are not what they were when it began');
  };
  return {
    begun: Promise.all([rest.begun, readers.begin()]).then(() => {}),
    isInSections: true,
    async stream() {
      const sections = { pieces, readers, rest, assertUnchanged };
      const streamed = await streamSections(dumping, source, sections);
      await assertUnchanged();
      return joinedDumps([streamed, await streamEvents(dumping, source, { ends: true })]);
    },
  };
}

/** Scheduled events, which are loaded last. */
async function streamEvents(
  dumping: Dumping,
  source: DumpSource,
  place: Pick<ProgramParts, 'ends'>,
): Promise<StreamedDump> {
  const { tools, eventSchemas: schemas } = source;
  if (schemas.length === 0) return joinedDumps([]);
  const { endpoint, scope } = dumping;
  const running = startMysqldump({ tools, endpoint, schemas, signal: scope.signal, only: 'events' });
  const events = { name: 'events', events: true, ...place } as const;
  const { parts } = await streamProgram(dumping, source, running.output(), events);
  return { ...joinedDumps([]), parts };
}
