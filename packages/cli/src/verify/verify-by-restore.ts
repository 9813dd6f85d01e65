import {
  type DatabaseConnection,
  databaseConnectionSchema,
  databaseName,
  type Environment,
  LcbError,
  verifyRequestSchema,
} from '@lcb/core';
import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import type { EnvironmentChoice } from '../config/select-environment.ts';
import { databaseUrlProblem, locationUrl, schemes, urlShapes } from '../config/values.ts';
import type { ExitCode } from '../exit-code.ts';
import { withService } from '../service/open-service.ts';
import { requestBase } from '../service/request-base.ts';
import { submitRun } from '../service/submit-run.ts';
import { UsageError } from '../usage-error.ts';
import { findLocation } from './find-location.ts';
import { placeOf, type VerifiedPlace } from './place-of.ts';
import { verifyRunDocument, verifyRunView } from './verify-run-view.ts';

export interface RestoreLevelOptions extends EnvironmentChoice {
  readonly location?: string | undefined;
  readonly server?: string | undefined;
  readonly secret?: string | undefined;
  readonly requestId?: string | undefined;
  readonly wait: boolean;
}

/** `lcb backup verify --level restore`: a run like any other, since it works on a server and must clean up there. */
export async function verifyByRestore(
  context: CommandContext,
  backupId: string,
  options: RestoreLevelOptions,
): Promise<ExitCode> {
  const settings = loadConfig(context.places);
  return withService(context, settings, async (service) => {
    const place =
      options.location === undefined
        ? await findLocation(service, settings.environments, options, backupId)
        : await placeOf(service, locationUrl(options.location, context.places.workingDirectory), backupId);
    const { projectId, environment, backups } = place;
    const request = verifyRequestSchema.parse({
      kind: 'verify',
      ...requestBase(options.requestId),
      projectId,
      environment,
      backupId,
      backup: { environment, location: backups.location },
      server: serverOf(place, settings.environments, options),
    });
    return submitRun(context, service, {
      request,
      wait: options.wait,
      async answerOf(run) {
        if (run.kind !== 'verify')
          throw new LcbError({ code: 'internal', message: `${run.runId} is not a verification.` });
        return { json: verifyRunDocument(run), table: () => verifyRunView(run) };
      },
    });
  });
}

/** The one that was named, or that of the backup's environment. */
function serverOf(
  place: VerifiedPlace,
  declared: readonly Environment[],
  { server, secret }: RestoreLevelOptions,
): DatabaseConnection {
  if (server !== undefined) return namedServer(server, secret);
  if (secret !== undefined) throw new UsageError('--secret is of --server: name that, too.');
  const own = declared.find(
    ({ projectId, environment }) => projectId === place.projectId && environment === place.environment,
  );
  if (own?.database !== undefined) return databaseConnectionSchema.parse(own.database);
  throw new UsageError(
    `lcb.yaml declares no database for ${place.projectId}/${place.environment}. Name a server to load the backup on with --server.`,
  );
}

function namedServer(given: string, secret: string | undefined): DatabaseConnection {
  const engine = (['postgresql', 'mysql'] as const).find(
    (each) => URL.canParse(given) && schemes[each].test(new URL(given).protocol),
  );
  const shapes = `must look like ${urlShapes.postgresql} or ${urlShapes.mysql}`;
  if (engine === undefined) throw new UsageError(`--server ${shapes}.`);
  // A server is meant: the database in its URL is not touched, and need not be named.
  const url = new URL(given);
  if (databaseName(url.href) === '') url.pathname = '/lcb';
  const problem = databaseUrlProblem(engine, url.href, shapes, 'with --secret');
  if (problem !== undefined) throw new UsageError(`--server ${problem}.`);
  const parsed = databaseConnectionSchema.safeParse({ engine, url: url.href, secret });
  if (parsed.success) return parsed.data;
  throw new UsageError('--secret must name where the password is, such as env:VERIFY_PASSWORD.');
}
