import type { Environment } from '@lcb/core';
import { UsageError } from '../usage-error.ts';
import { nearestName } from './nearest-name.ts';

/** `-p` and `-e`, where given. */
export interface EnvironmentChoice {
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
}

/** The declared environments that fit the choice: all of them when nothing was chosen. Never empty. */
export function matchingEnvironments(
  declared: readonly Environment[],
  choice: EnvironmentChoice,
): readonly Environment[] {
  const { project, environment } = choice;
  const inProject = declared.filter(({ projectId }) => project === undefined || projectId === project);
  if (project !== undefined && inProject.length === 0) {
    throw notDeclared('project', project, unique(declared.map(({ projectId }) => projectId)));
  }
  const found = inProject.filter((one) => environment === undefined || one.environment === environment);
  if (environment !== undefined && found.length === 0) {
    throw notDeclared('environment', environment, unique(inProject.map((one) => one.environment)));
  }
  return found;
}

/** The one environment that is meant: the chosen one, or the only one. */
export function selectEnvironment(declared: readonly Environment[], choice: EnvironmentChoice): Environment {
  const [found, ...others] = matchingEnvironments(declared, choice);
  if (found !== undefined && others.length === 0) return found;
  const flags =
    choice.project === undefined && severalProjects(declared)
      ? '--project and --environment'
      : '--environment';
  throw new UsageError(
    `Say which environment with ${flags}: lcb.yaml declares ${choices(declared, choice)}.`,
  );
}

/** The one project that is meant: the chosen one, or the only one. A chosen one need not be declared any more. */
export function selectProject(declared: readonly Environment[], project: string | undefined): string {
  if (project !== undefined) return project;
  const [only, ...others] = unique(declared.map(({ projectId }) => projectId));
  if (only !== undefined && others.length === 0) return only;
  throw new UsageError(
    `Say which project with --project: lcb.yaml declares ${[only, ...others].join(', ')}.`,
  );
}

export function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function severalProjects(declared: readonly Environment[]): boolean {
  return unique(declared.map(({ projectId }) => projectId)).length > 1;
}

function choices(declared: readonly Environment[], { project }: EnvironmentChoice): string {
  return declared
    .filter(({ projectId }) => project === undefined || projectId === project)
    .map(({ projectId, environment }) => `${projectId}/${environment}`)
    .join(', ');
}

function notDeclared(what: 'project' | 'environment', given: string, known: readonly string[]): UsageError {
  const nearest = nearestName(given, known);
  const hint = nearest === undefined ? `it declares ${known.join(', ')}.` : `did you mean ${nearest}?`;
  return new UsageError(`lcb.yaml declares no ${what} ${given}; ${hint}`);
}
