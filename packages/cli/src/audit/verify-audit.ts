import { verifyAuditChain } from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import type { LocalSettings } from '@lcb/functions-local/settings';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { matchingEnvironments, unique } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { plural } from '../output/format.ts';
import { coloured, okText } from '../output/style.ts';
import { withService } from '../service/open-service.ts';
import { auditProblemText } from './audit-problem.ts';
import { readAnchors } from './read-anchors.ts';

const optionsSchema = z.object({ project: z.string().optional() });

interface VerifiedChain {
  readonly projectId: string;
  readonly ok: boolean;
  readonly entries: number;
  /** Signed heads that it was held against. Without any, a chain computed anew would look the same. */
  readonly anchors: number;
  readonly problems: readonly string[];
  /** Times before which nothing can be said, because the catalog was lost. */
  readonly losses: readonly string[];
}

/** `lcb audit verify`: every project's chain in the catalog against the heads that were signed into backup locations. */
export async function verifyAudit(context: CommandContext, given: unknown): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const projects = unique(
    matchingEnvironments(settings.environments, options).map(({ projectId }) => projectId),
  );
  const chains = await withService(context, settings, async (service) => {
    const verified: VerifiedChain[] = [];
    for (const projectId of projects) verified.push(await verifyChain(service, settings, projectId));
    return verified;
  });
  const ok = chains.every((chain) => chain.ok);
  context.output.answer({ json: { ok, chains }, table: () => chains.map(chainText).join('') });
  return ok ? exitCodes.done : exitCodes.failed;
}

async function verifyChain(
  service: LocalService,
  settings: LocalSettings,
  projectId: string,
): Promise<VerifiedChain> {
  const own = settings.environments.filter((environment) => environment.projectId === projectId);
  const anchored = await readAnchors(service, own);
  const { entries, anchors, problems } = await verifyAuditChain(
    projectId,
    service.catalog.forProject(projectId).auditEntries(),
    anchored.anchors,
  );
  const all = [...problems.map(auditProblemText), ...anchored.problems];
  const { losses } = anchored;
  return { projectId, ok: all.length === 0, entries, anchors, problems: all, losses };
}

function chainText({ projectId, ok, entries, anchors, problems, losses }: VerifiedChain): string {
  const unanchored = ok && anchors === 0 && entries > 0 ? '; no signed head to hold it against yet' : '';
  const found = problems.map((problem) => `  ${coloured('red', '✗')} ${problem}\n`).join('');
  return `${projectId}  ${okText(ok)}  ${entries} ${entries === 1 ? 'entry' : 'entries'}, ${plural(anchors, 'signed head')}${unanchored}\n${found}${losses.map((loss) => `  ${coloured('yellow', '!')} ${loss}\n`).join('')}`;
}
