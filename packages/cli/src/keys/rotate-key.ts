import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { foreignKeyWarning } from '../service/foreign-backups.ts';
import { openProvider, withService } from '../service/open-service.ts';
import { initiator } from '../service/request-base.ts';

/** `lcb keys rotate`: a new signing key, written into the platform's audit chain; also the way out when the private key is lost. */
export async function rotateKey(context: CommandContext): Promise<ExitCode> {
  const settings = loadConfig(context.places);
  const local = await openProvider(context, settings);
  const { rotateKey: rotate, clock } = local;
  const warning = await foreignKeyWarning(local, settings.environments);
  if (warning !== undefined) context.output.notice(warning);
  const key = await withService(context, settings, async ({ catalog }) => {
    const rotated = await rotate();
    await catalog.platform.appendAudit({
      actor: initiator(),
      action: 'key.rotated',
      subject: rotated.keyId,
      result: 'succeeded',
      at: clock.now(),
      correlationId: randomUUID(),
    });
    return rotated;
  });
  context.output.answer({
    json: key,
    table: () =>
      `${key.keyId} signs from now on.\n\nNext: give the new public keys to whoever verifies: lcb keys list -o json\n`,
  });
  return exitCodes.done;
}
