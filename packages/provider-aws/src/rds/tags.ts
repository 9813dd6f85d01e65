import type { Tag } from '@aws-sdk/client-rds';
import type { EnvironmentRef } from '@lcb/core';

/** Whose work something at RDS is, as tags on it. */
export interface Marks extends EnvironmentRef {
  /** Of the backup that a snapshot belongs to, or of the restore that a target belongs to. */
  readonly runId: string;
  /** Of a backup. */
  readonly attempt?: number | undefined;
  /** Who asked. */
  readonly initiator: string;
  /** RFC 3339, UTC. */
  readonly requestedAt: string;
}

const tagPrefix = 'lcb:';

/** What RDS does not allow in a tag's value: anything but letters, spaces, digits and `_.:/=+-@`. */
const forbidden = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;
const maxValueLength = 256;

export function tagsOf(marks: Marks): Tag[] {
  const values = {
    run: marks.runId,
    attempt: marks.attempt?.toString(),
    project: marks.projectId,
    environment: marks.environment,
    initiator: marks.initiator,
    requestedAt: marks.requestedAt,
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ Key: `${tagPrefix}${key}`, Value: allowedValue(value) }],
  );
}

function allowedValue(value: string): string {
  return Array.from(value.replaceAll(forbidden, '_'))
    .slice(0, maxValueLength / 2)
    .join('');
}

/** What a tag of ours says; `undefined` where it is not there. */
export function tagValue(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find(({ Key }) => Key === `${tagPrefix}${key}`)?.Value;
}

/** Do the tags say that this is the work of this run, in this attempt of it, for this environment? */
export function isMarkedBy(
  tags: readonly Tag[] | undefined,
  marks: Omit<Marks, 'initiator' | 'requestedAt'>,
): boolean {
  return (
    tagValue(tags, 'run') === marks.runId &&
    tagValue(tags, 'attempt') === marks.attempt?.toString() &&
    isOfEnvironment(tags, marks)
  );
}

export function isOfEnvironment(tags: readonly Tag[] | undefined, ref: EnvironmentRef): boolean {
  return tagValue(tags, 'project') === ref.projectId && tagValue(tags, 'environment') === ref.environment;
}
