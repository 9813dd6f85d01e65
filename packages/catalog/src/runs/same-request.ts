import { canonicalJson, type RunRequest } from '@lcb/core';

/**
 * Is this the request that was recorded under its id? When it was made and what it is correlated with belong to one
 * delivery of it and may differ, as when two ticks work out the same scheduled backup. All else has to be equal, who
 * asked included: otherwise somebody would be told that their request runs while it is another one that does.
 */
export function isSameRequest(recorded: RunRequest, repeated: RunRequest): boolean {
  return content(recorded) === content(repeated);
}

function content(request: RunRequest): string {
  const { requestedAt: _requestedAt, correlationId: _correlationId, ...rest } = request;
  return canonicalJson(rest);
}
