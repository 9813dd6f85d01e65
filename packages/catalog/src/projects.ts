import { type Environment, environmentSchema, IntegrityError } from '@lcb/core';
import type { CatalogTransaction } from './database/act-as.ts';
import { serverClock } from './database/server-time.ts';

export async function ensureProject(trx: CatalogTransaction, projectId: string): Promise<void> {
  await trx
    .insertInto('projects')
    .values({ project_id: projectId })
    .onConflict((conflict) => conflict.column('project_id').doNothing())
    .execute();
}

/** The last declaration counts; runs keep the one that they were requested with. */
export async function declareEnvironment(trx: CatalogTransaction, environment: Environment): Promise<void> {
  await ensureProject(trx, environment.projectId);
  const declared = JSON.stringify(environment);
  await trx
    .insertInto('environments')
    .values({ project_id: environment.projectId, environment: environment.environment, declared })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'environment']).doUpdateSet({ declared, declared_at: serverClock }),
    )
    .execute();
}

/** By name. @throws IntegrityError for a declaration that this version does not know */
export async function listEnvironments(trx: CatalogTransaction): Promise<readonly Environment[]> {
  const rows = await trx
    .selectFrom('environments')
    .select(['environment', 'declared'])
    .orderBy('environment')
    .execute();
  return rows.map((row) => {
    const declared = environmentSchema.safeParse(row.declared);
    if (declared.success) return declared.data;
    throw new IntegrityError(
      `The catalog's declaration of the environment ${row.environment} can't be read; declare it again.`,
      'catalog.rowInvalid',
    );
  });
}
