import { isFinal } from '@lcb/core';
import type { CommandContext } from '../cli/command-context.ts';
import { isCopyId, isVerificationId, parseRunId } from '../cli/parse-id.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { stateText } from '../output/style.ts';
import { findBackup, findCopy, findRestore, findVerification } from './find-run.ts';
import { withService } from './open-service.ts';
import { initiator } from './request-base.ts';

/** `lcb backup cancel`, `lcb restore cancel`: asks; whoever works on the run stops it. One that is over stays as it is. */
export async function cancelRun(
  context: CommandContext,
  kind: 'backup' | 'restore',
  id: string,
): Promise<ExitCode> {
  const find = finderOf(kind, id);
  const settings = loadConfig(context.places);
  const { output } = context;
  return withService(context, settings, async (service) => {
    const found = await find(service, settings, id);
    if (isFinal(found.state) && found.state !== 'Cancelled') {
      output.notice(`${id} is over already; there is nothing to cancel.`);
    }
    const { state, cancelRequested } = await service.requestCancel(found, initiator());
    output.answer({
      json: { id, kind: found.kind, state, cancelRequested },
      table: () => `${id}  ${stateText(state)}${isFinal(state) ? '' : '  cancelling'}\n`,
    });
    if (!isFinal(state) && !(await service.isOwned())) {
      output.notice(
        `No lcb is at work; ${id} is cancelled by the next \`lcb serve\` or the next command with --wait.`,
      );
    }
    // Too late is not what was asked for.
    return isFinal(state) && state !== 'Cancelled' ? exitCodes.conflict : exitCodes.done;
  });
}

/** Copies and verifications are runs about a backup, and cancelled like one. */
function finderOf(kind: 'backup' | 'restore', id: string) {
  if (kind === 'backup' && isCopyId(id)) return findCopy;
  if (kind === 'backup' && isVerificationId(id)) return findVerification;
  parseRunId(kind, id);
  return kind === 'backup' ? findBackup : findRestore;
}
