import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { openProvider } from '../service/open-service.ts';

/** `lcb keys rotate`: a new signing key; also the way out when the private key is lost. */
export async function rotateKey(context: CommandContext): Promise<ExitCode> {
  const { rotateKey: rotate } = await openProvider(context, loadConfig(context.places));
  const key = await rotate();
  context.output.answer({
    json: key,
    table: () => `${key.keyId} signs from now on.\n\nNext: give the new public keys to whoever verifies: lcb keys list -o json\n`,
  });
  return exitCodes.done;
}
