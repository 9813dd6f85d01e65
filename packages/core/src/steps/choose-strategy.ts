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
  const whyNotExact = await obstacle(request, (location) => provider.objectStore(location));
  if (whyNotExact === undefined) return { strategy: 'exact' };
  if (consistency === 'automatic') return { strategy: 'databaseFirst', whyNotExact };
  throw new InvalidRequestError(`consistency: exact is not to be had here: ${whyNotExact}`);
}

async function obstacle(
  { units, source, upload }: BackupRequest,
  open: (location: string) => ObjectStore,
): Promise<string | undefined> {
  const { documentLibrary } = source;
  const isPair = units.includes('database') && units.includes('documentLibrary');
  if (!isPair || documentLibrary === undefined)
    return 'A backup of one unit has nothing that it has to fit to.';
  if (upload !== undefined) return 'What is uploaded was taken before.';
  const library = open(documentLibrary.location);
  if (library.versioning === undefined || library.listVersions === undefined || library.now === undefined)
    return `${library.location} keeps no earlier versions of its objects.`;
  try {
    if ((await library.versioning()) === 'enabled') return await lookOnce(library);
    return `The bucket of ${library.location} keeps no earlier versions of its objects. Switch versioning on.`;
  } catch (error) {
    // Rights that a backup otherwise does without: it is made all the same, by the other strategy.
    if (!LcbError.isInstance(error) || error.retryable) throw error;
    return error.message;
  }
}

/** Asks for what will be asked for later. @throws LcbError where the rights for it are missing */
async function lookOnce(library: ObjectStore): Promise<undefined> {
  await library.now?.();
  for await (const _version of library.listVersions?.() ?? []) return;
}
