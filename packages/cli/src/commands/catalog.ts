import { type CommandGroup, collected } from '../cli/command-group.ts';

export const catalogCommands: CommandGroup = (program, run) => {
  program
    .command('catalog')
    .description('the catalog of backups and runs')
    .command('rebuild <location>')
    .description('recreate the rows of backups from what lies in a backup location; may be repeated')
    .option('-p, --project <name>', 'only of this project')
    .option('-e, --environment <name>', 'only of this environment')
    .option('--key <file>', 'trust the public keys of this file, too; may be repeated', collected)
    .option('--dry-run', 'only say what would be recreated')
    .action((location, options, command) =>
      run(command, async (context) => {
        const { rebuild } = await import('../catalog/rebuild-catalog.ts');
        return rebuild(context, location, options);
      }),
    );
};
