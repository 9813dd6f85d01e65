import { type CommandGroup, flags } from '../cli/command-group.ts';

export const sweepCommands: CommandGroup = (program, run) => {
  program
    .command('sweep')
    .description(
      'give back the space of deleted backups whose time of grace is over, and of what was never sealed',
    )
    .option(...flags.project)
    .option(...flags.environment)
    .option('--dry-run', 'only say what would be removed, and how much that is')
    .option(...flags.requestId)
    .option(...flags.wait)
    .action((options, command) =>
      run(command, async (context) => {
        const { sweep } = await import('../sweep/create-sweep.ts');
        return sweep(context, options);
      }),
    );
};
