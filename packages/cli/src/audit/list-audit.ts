import type { AuditEntry } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseOptions, wholeNumber } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectProject } from '../config/select-environment.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { formatTime } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import { withService } from '../service/open-service.ts';

const optionsSchema = z.object({
  project: z.string().optional(),
  from: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeNumber(1, 10_000).default(50),
});

const columns: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'TIME (UTC)' },
  { title: 'ACTION' },
  { title: 'SUBJECT' },
  { title: 'RESULT' },
  { title: 'ACTOR' },
];

/** `lcb audit list`: the newest entries of a project's chain, or those from a number on, oldest first. */
export async function listAudit(context: CommandContext, given: unknown): Promise<ExitCode> {
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  const projectId = selectProject(settings.environments, options.project);
  await withService(context, settings, async ({ catalog }) => {
    const project = catalog.forProject(projectId);
    const { sequence: last } = await project.auditHead();
    const from = options.from ?? Math.max(1, last - options.limit + 1);
    const entries: AuditEntry[] = [];
    for await (const entry of project.auditEntries(from)) {
      if (entries.length === options.limit) break;
      entries.push(entry);
    }
    context.output.answer({
      json: { projectId, entries, head: last },
      table: () =>
        entries.length === 0 ? `${projectId} has no such audit entries.\n` : table(columns, entries.map(row)),
    });
  });
  return exitCodes.done;
}

function row({ sequence, at, action, subject, result, actor }: AuditEntry): string[] {
  return [String(sequence), formatTime(at), action, subject, result, actor];
}
