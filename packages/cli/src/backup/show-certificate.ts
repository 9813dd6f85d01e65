import { type Finding, InvalidRequestError, readFindings } from '@lcb/core';
import { z } from 'zod';
import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { certificateView } from './certificate-view.ts';
import { findingLine } from './finding-table.ts';
import { readMade } from './read-made.ts';

const optionsSchema = z.object({ findings: z.boolean().default(false) });
const examples = 20;

/** `lcb backup certificate`: the certificate, or the whole list of what does not fit, as it is read. */
export async function showCertificate(
  context: CommandContext,
  id: string,
  given: unknown,
): Promise<ExitCode> {
  parseRunId('backup', id);
  const options = parseOptions(optionsSchema, given);
  const settings = loadConfig(context.places);
  await withService(context, settings, async (service) => {
    const backup = await findBackup(service, settings, id);
    const made = await readMade(service, backup);
    if ('manifestProblem' in made) throw new InvalidRequestError(made.manifestProblem, 'manifest.replaced');
    const { certificate } = made;
    if (certificate === null) throw missing(id);
    if (options.findings) {
      const store = service.provider.objectStore(backup.request.source.backups.location);
      await context.output.stream(lines(readFindings(store, backup.request, id, certificate)));
    } else {
      context.output.answer({
        json: certificate,
        table: () => certificateView(certificate, id, examples),
      });
    }
  });
  return exitCodes.done;
}

async function* lines(findings: AsyncIterable<Finding>) {
  for await (const finding of findings) yield { json: finding, table: () => findingLine(finding) };
}

function missing(id: string): InvalidRequestError {
  return new InvalidRequestError(
    `${id} has no certificate: it is not sealed, or an lcb made it that did not write any yet.`,
    'backup.noCertificate',
  );
}
