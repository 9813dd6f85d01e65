import { InvalidRequestError } from '../errors/errors.ts';
import type { Run, RunRequest } from '../model/run.ts';
import type { AdmissionLimits, Catalog } from '../ports/catalog.ts';
import type { Workflows } from '../ports/workflows.ts';
import { quiesceHooks } from '../steps/hook-event.ts';
import { checkRestore } from './check-restore.ts';

export interface DispatchServices {
  readonly catalog: Catalog;
  readonly workflows: Workflows;
  readonly limits: AdmissionLimits;
}

/**
 * Takes a request: records it under its id, admits whoever may run now, starts what was admitted. A request that comes
 * twice repeats admission and start, so a crash in between loses nothing.
 */
export async function dispatch(services: DispatchServices, request: RunRequest): Promise<Run> {
  checkSource(request);
  checkUnits(request);
  if (request.kind === 'restore') checkRestore(request);
  const { run } = await services.catalog.forProject(request.projectId).recordRequest(request);
  await admitAndStart(services);
  return run;
}

/**
 * Gives leases to waiting runs within the limits and starts every admitted run that the engine does not know. One that
 * can't be started holds no other up: its error is thrown at the end.
 */
export async function admitAndStart({ catalog, workflows, limits }: DispatchServices): Promise<void> {
  await catalog.platform.admit(limits);
  const failures: unknown[] = [];
  for (const run of await catalog.platform.admitted()) {
    if (run.state !== 'Pending') continue;
    try {
      await workflows.start(run);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** A request carries its environment's declaration with it: it must be that one's, or a tenant could reach another's data. */
function checkSource(request: RunRequest): void {
  if (request.kind !== 'backup') return;
  const { source, projectId, environment, consistency } = request;
  if (consistency === 'quiesce') quiesceHooks(source);
  if (source.projectId === projectId && source.environment === environment) return;
  throw new InvalidRequestError(
    `source: it declares ${source.projectId}/${source.environment}, but the request is for ${projectId}/${environment}.`,
  );
}

/** Refuses at the door what no run could do. */
function checkUnits(request: RunRequest): void {
  if (!('units' in request)) return;
  const places = request.kind === 'backup' ? request.source : request.target;
  const name = `${request.projectId}/${'environment' in places ? places.environment : request.environment}`;
  for (const unit of request.units) {
    // An uploaded library needs no library of the environment.
    if (request.kind === 'backup' && unit === 'documentLibrary' && request.upload?.library !== undefined)
      continue;
    if (places[unit] === undefined) {
      throw new InvalidRequestError(`units: ${name} declares no ${unit}. Declare it, or leave the unit out.`);
    }
  }
}
