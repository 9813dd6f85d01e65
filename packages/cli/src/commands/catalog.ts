import { type CommandGroup, collected } from '../cli/command-group.ts';

export const catalogCommands: CommandGroup = (program, run) => {
  const catalog = program.command('catalog').description('the catalog of backups and runs');

  catalog
    .command('confirm')
    .description('say that a rebuilt catalog is whole: sweeps may run again')
    .option('-p, --project <name>', 'project, where lcb.yaml declares several')
    .action((options, command) =>
      run(command, async (context) => {
        const { confirm } = await import('../catalog/confirm-catalog.ts');
        return confirm(context, options);
      }),
    );

  catalog
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
