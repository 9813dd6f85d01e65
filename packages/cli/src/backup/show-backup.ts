import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { loadConfig } from '../config/load-config.ts';
import { copyDocument } from '../copy/copy-document.ts';
import { copiesView } from '../copy/copy-view.ts';
import { copiesOf } from '../copy/list-copies.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { findBackup } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { verificationsOf } from '../verify/list-verifications.ts';
import { unendedView, verifyRunDocument } from '../verify/verify-run-view.ts';
import { backupDocument } from './backup-document.ts';
import { backupView } from './backup-view.ts';
import { readMade, readVerified } from './read-made.ts';
import { verifiedDocument, verifiedView } from './verified-view.ts';

/** `lcb backup show` */
export async function showBackup(context: CommandContext, id: string): Promise<ExitCode> {
  parseRunId('backup', id);
  const settings = loadConfig(context.places);
  await withService(context, settings, async (service) => {
    const backup = await findBackup(service, settings, id);
    const made = await readMade(service, backup);
    const verified = await readVerified(service, backup);
    const verifying = await verificationsOf(service, backup);
    const copies = await copiesOf(service, backup);
    context.output.answer({
      json: {
        ...backupDocument(backup),
        copies: copies.map(copyDocument),
        ...verifiedDocument(verified),
        verificationRuns: verifying.map(verifyRunDocument),
        ...made,
      },
      table: () =>
        backupView(backup, made, { allChecks: true }) +
        verifiedView(verified) +
        unendedView(verifying) +
        copiesView(copies),
    });
  });
  return exitCodes.done;
}
