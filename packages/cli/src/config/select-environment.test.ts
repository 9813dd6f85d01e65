import { environmentSchema } from '@lcb/core';
import { describe, expect, it } from 'vitest';
import { matchingEnvironments, selectEnvironment, selectProject } from './select-environment.ts';

function declared(...names: string[]) {
  return names.map((name) => {
    const [projectId, environment] = name.split('/');
    return environmentSchema.parse({ projectId, environment, backups: { location: 'file:///srv/backups' } });
  });
}

describe('selectEnvironment', () => {
  const several = declared('retail/prd', 'retail/uat', 'bank/prd');

  it('takes the only one', () => {
    expect(selectEnvironment(declared('retail/prd'), {})).toMatchObject({ environment: 'prd' });
  });

  it('takes the only one that fits', () => {
    expect(selectEnvironment(several, { environment: 'uat' })).toMatchObject({ projectId: 'retail' });
    expect(selectEnvironment(several, { project: 'bank' })).toMatchObject({ environment: 'prd' });
  });

  it('lists the choices when several fit', () => {
    expect(() => selectEnvironment(several, {})).toThrow(
      'Say which environment with --project and --environment: lcb.yaml declares retail/prd, retail/uat, bank/prd.',
    );
    expect(() => selectEnvironment(several, { project: 'retail' })).toThrow(
      'Say which environment with --environment: lcb.yaml declares retail/prd, retail/uat.',
    );
  });

  it('names what is near when none fits', () => {
    expect(() => selectEnvironment(several, { project: 'retial' })).toThrow(
      'lcb.yaml declares no project retial; did you mean retail?',
    );
    expect(() => selectEnvironment(several, { environment: 'stage' })).toThrow(
      'lcb.yaml declares no environment stage; it declares prd, uat.',
    );
  });
});

it('matches all without a choice', () => {
  expect(matchingEnvironments(declared('a/b', 'c/d'), {})).toHaveLength(2);
});

it('takes the only project, or a named one that need not be declared any more', () => {
  expect(selectProject(declared('retail/prd', 'retail/uat'), undefined)).toBe('retail');
  expect(selectProject(declared('retail/prd'), 'gone')).toBe('gone');
  expect(() => selectProject(declared('a/x', 'b/x'), undefined)).toThrow(
    'Say which project with --project: lcb.yaml declares a, b.',
  );
});
