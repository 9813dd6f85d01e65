import type { TrustedKey } from '@lcb/core';
import type { CommandContext } from '../cli/command-context.ts';
import { loadConfig } from '../config/load-config.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { formatTime } from '../output/format.ts';
import { type Column, table } from '../output/table.ts';
import { openProvider } from '../service/open-service.ts';

const columns: readonly Column[] = [
  { title: 'KEY' },
  { title: 'ALGORITHM' },
  { title: 'SIGNS FROM (UTC)' },
  { title: 'UNTIL (UTC)' },
];

/** `lcb keys list`: the public keys; the JSON is what an auditor needs for `lcb backup verify --key`. */
export async function listKeys(context: CommandContext): Promise<ExitCode> {
  const { trustedKeys } = await openProvider(context, loadConfig(context.places));
  const keys = await trustedKeys();
  context.output.answer({
    json: { keys },
    table: () =>
      keys.length === 0
        ? 'There is no key yet: the first one is made when the first backup is sealed.\n'
        : table(columns, keys.map(row)),
  });
  return exitCodes.done;
}

function row({ keyId, algorithm, validFrom, validUntil }: TrustedKey): string[] {
  return [
    keyId,
    algorithm,
    formatTime(validFrom),
    validUntil === undefined ? 'in use' : formatTime(validUntil),
  ];
}
