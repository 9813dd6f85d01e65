import { Command } from 'commander';
import { auditCommands } from '../commands/audit.ts';
import { backupCommands } from '../commands/backup.ts';
import { catalogCommands } from '../commands/catalog.ts';
import { configCommands } from '../commands/config.ts';
import { envCommands } from '../commands/env.ts';
import { keysCommands } from '../commands/keys.ts';
import { restoreCommands } from '../commands/restore.ts';
import { serveCommands } from '../commands/serve.ts';
import { sweepCommands } from '../commands/sweep.ts';
import { verifyCommands } from '../commands/verify.ts';
import { version } from '../version.ts';
import type { Run } from './command-group.ts';
import { epilogue } from './help-text.ts';

/** All commands. Parsing throws a `CommanderError` instead of ending the process. */
export function createProgram(run: Run): Command {
  const program = new Command('lcb')
    .description('Backup and restore for Liferay: database and document library, as one thing with one id.')
    .version(version)
    .option('-c, --config <file>', 'lcb.yaml to use (or LCB_CONFIG)')
    .option('-o, --output <format>', 'table or json (table)')
    .option('--verbose', 'show where an error came from (or LCB_DEBUG=1)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', epilogue)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride();
  for (const add of [
    backupCommands,
    restoreCommands,
    verifyCommands,
    sweepCommands,
    catalogCommands,
    envCommands,
    auditCommands,
    keysCommands,
    serveCommands,
    configCommands,
  ]) {
    add(program, run);
  }
  return program;
}
