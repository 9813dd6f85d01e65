import { type DatabaseSelection, InvalidRequestError, matchesName } from '@lcb/core';

export interface SelectedSchemas {
  readonly chosen: readonly string[];
  readonly leftOut: readonly string[];
}

/**
 * Which of the schemas that are there are dumped.
 *
 * @throws InvalidRequestError where nothing is left: a backup of nothing would look like a good one.
 */
export function selectSchemas(
  present: readonly string[],
  { schemas, ignoreSchemas }: DatabaseSelection,
): SelectedSchemas {
  const isChosen = (name: string) =>
    (schemas === undefined || matchesName(schemas, name)) && !matchesName(ignoreSchemas, name);
  const chosen = present.filter(isChosen);
  if (chosen.length === 0 && present.length > 0) {
    throw new InvalidRequestError(
      `The selection leaves nothing of the database: there are the schemas ${present.join(', ')}, of which \`schemas\` and \`ignoreSchemas\` leave none.`,
      'database.nothingSelected',
    );
  }
  return { chosen, leftOut: present.filter((name) => !isChosen(name)) };
}

/** Everything of the environment. */
export const everything: DatabaseSelection = { ignoreSchemas: [], withoutData: [] };
