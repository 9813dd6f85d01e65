import { InvalidRequestError } from '../errors/errors.ts';
import { LcbError } from '../errors/lcb-error.ts';
import type { BackupRequest, ConsistencyStrategy } from '../model/run.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { quiesceHooks } from './hook-event.ts';
import type { ReadServices } from './step-context.ts';

export interface ChosenStrategy {
  readonly strategy: ConsistencyStrategy;
  /** Why the exact moment can't be had, where nobody asked for another strategy. A sentence. */
  readonly whyNotExact?: string;
}

/** @throws InvalidRequestError where a strategy was asked for that this environment does not allow */
export async function chooseStrategy(
  request: BackupRequest,
  { provider }: Pick<ReadServices, 'provider'>,
): Promise<ChosenStrategy> {
  const { consistency, source } = request;
  if (consistency === 'quiesce') quiesceHooks(source);
  if (consistency === 'databaseFirst' || consistency === 'quiesce') return { strategy: consistency };
  const isAsked = consistency === 'exact';
  const { documentLibrary } = source;
  const noMoment = whyNoMoment(request);
  // Nobody misses what nobody asked for: that is not worth a word.
  if (noMoment !== undefined && !isAsked) return { strategy: 'databaseFirst' };
  const whyNotExact =
    noMoment ??
    (documentLibrary && (await obstacleAt(provider.objectStore(documentLibrary.location), isAsked)));
  if (whyNotExact === undefined) return { strategy: 'exact' };
  if (!isAsked) return { strategy: 'databaseFirst', whyNotExact };
  throw new InvalidRequestError(`consistency: exact is not to be had here: ${whyNotExact}`);
}

function whyNoMoment({ units, source, upload }: BackupRequest): string | undefined {
  const isPair = units.includes('database') && units.includes('documentLibrary');
  if (!isPair || source.documentLibrary === undefined)
    return 'A backup of one unit has nothing that it has to fit to.';
  return upload === undefined ? undefined : 'What is uploaded was taken before.';
}

async function obstacleAt(library: ObjectStore, isAsked: boolean): Promise<string | undefined> {
  if (library.versioning === undefined || library.listVersions === undefined || library.now === undefined)
    return `${library.location} keeps no earlier versions of its objects.`;
  try {
    if ((await library.versioning()) === 'enabled') return await tryAll(library);
    return `The bucket of ${library.location} keeps no earlier versions of its objects. Switch versioning on.`;
  } catch (error) {
    // Rights that a backup otherwise does without, or a server that does not know the question: it is made all the same, by the other
    // strategy. Where this one was asked for, what may pass is tried again.
    if (!LcbError.isInstance(error) || (error.retryable && isAsked)) throw error;
    return error.message;
  }
}

/** Asks once for each thing that will be asked for later. @throws LcbError where the rights for it are missing */
async function tryAll(library: ObjectStore): Promise<undefined> {
  await library.now?.();
  for await (const { key, version, isDeleteMarker } of library.listVersions?.({ atMost: 1000 }) ?? []) {
    if (isDeleteMarker) continue;
    await library.head(key, { version });
    return;
  }
}
