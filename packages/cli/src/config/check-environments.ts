import { maxNamesLength } from '@lcb/core';
import type { Config, EnvironmentConfig } from './config-schema.ts';
import { fieldName, type Mistake } from './explain-issue.ts';
import { areNested, locationUrl } from './values.ts';

/** What no single field shows: names that are too long together, nothing to back up, folders inside one another. */
export function checkEnvironments({ projects }: Config, baseDirectory: string): Mistake[] {
  const mistakes = Object.entries(projects).flatMap(([project, { environments }]) =>
    Object.entries(environments).flatMap(([name, environment]) => {
      const path = ['projects', project, 'environments', name];
      return checkEnvironment(project, name, environment, baseDirectory).map((problem) => ({
        path,
        sentence: `${fieldName(path)} ${problem}.`,
      }));
    }),
  );
  if (mistakes.length > 0 || Object.values(projects).some(hasEnvironments)) return mistakes;
  return [{ path: ['projects'], sentence: 'projects declares no environment. Declare at least one.' }];
}

function checkEnvironment(
  project: string,
  name: string,
  { database, library, backups }: EnvironmentConfig,
  base: string,
): string[] {
  const problems: string[] = [];
  if (project.length + name.length > maxNamesLength) {
    problems.push(
      `has too long a name: project and environment may have ${maxNamesLength} characters together, not ${project.length + name.length}`,
    );
  }
  if (database === undefined && library === undefined) {
    problems.push('declares nothing to back up; add database, library or both');
  }
  if (library !== undefined) {
    const folder = locationUrl(typeof library === 'string' ? library : library.location, base);
    if (areNested(folder, locationUrl(backups, base))) {
      problems.push(
        'has its library and its backups inside one another; choose a folder for backups outside of the library',
      );
    }
  }
  return problems;
}

function hasEnvironments({ environments }: { readonly environments: object }): boolean {
  return Object.keys(environments).length > 0;
}
