import { environmentRefSchema, InvalidRequestError, type RunRequest, runRequestSchema } from '@lcb/core';
import { parseInput } from '../input.ts';
import { assertStorable } from '../storable.ts';

/**
 * The request as the catalog keeps it, before anything is asked of the database.
 * @throws InvalidRequestError
 */
export function acceptRequest(projectId: string, given: RunRequest): RunRequest {
  const request = parseInput(runRequestSchema, given, 'The request');
  assertStorable(request, 'The request');
  if (request.projectId !== projectId) {
    throw new InvalidRequestError(
      `The request is for the project ${request.projectId}, not for ${projectId}.`,
    );
  }
  for (const environment of [request.environment, resourceOf(request)]) {
    parseInput(environmentRefSchema, { projectId, environment }, 'The request');
  }
  return request;
}

/** The environment whose lease the run needs: the one that it reads, or, for a restore, the one that it writes. */
export function resourceOf(request: RunRequest): string {
  return request.kind === 'restore' ? request.target.environment : request.environment;
}
