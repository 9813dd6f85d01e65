import type { CommandContext } from '../cli/command-context.ts';
import { parseRunId } from '../cli/parse-id.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { findRestore } from '../service/find-run.ts';
import { withService } from '../service/open-service.ts';
import { restoreDocument } from './restore-document.ts';
import { restoreView } from './restore-view.ts';

/** `lcb restore show` */
export async function showRestore(context: CommandContext, id: string): Promise<ExitCode> {
  parseRunId('restore', id);
  const settings = loadConfig(context.places);
  await withService(context, settings, async (service) => {
    const restore = await findRestore(service, settings, id);
    context.output.answer({ json: restoreDocument(restore), table: () => restoreView(restore) });
  });
  return exitCodes.done;
}
