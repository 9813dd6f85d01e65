import { type CommandGroup, collected, flags } from '../cli/command-group.ts';

export const verifyCommands: CommandGroup = (program, run) => {
  program
    .command('verify <location>')
    .description(
      'verify every backup in a location, with neither catalog nor lcb.yaml; exit 0 only if all is well',
    )
    .option('-p, --project <name>', 'only of this project')
    .option('-e, --environment <name>', 'only of this environment')
    .option('--backup <id>', 'only this one')
    .option('--key <file>', 'trust the public keys of this file, and no other; may be repeated', collected)
    .option(...flags.level)
    .option(...flags.sample)
    .option(...flags.seed)
    .action((location, options, command) =>
      run(command, async (context) => {
        const { verifyBackups } = await import('../verify/verify-location.ts');
        return verifyBackups(context, location, options);
      }),
    );
};
