import { type CommandGroup, flags } from '../cli/command-group.ts';

const derivation = `
The target is what lcb.yaml declares for the environment. Where it declares none, it is what the options name, and else
  database  {source database}_{target environment} on the same server, with the same secret
  library   {source folder}-{target environment}
A target that holds data is refused, unless it is replaced:
  --in-place backs the target up, empties it and restores; a restore that fails half-way is rolled back to that backup
  --swap     restores beside the target, checks, then lets the two change places; the old one is kept`;

/** Commander's own variadic options would take the backup's id for a value. */
const each = (value: string, values: readonly string[] = []) => [...values, value];

export const restoreCommands: CommandGroup = (program, run) => {
  const restore = program.command('restore').description('restore backups into new environments');

  restore
    .command('create <backupId>')
    .description('restore a backup into a new environment, or over an existing one')
    .requiredOption('--target-environment <name>', 'environment to restore into')
    .option('--target-database <url>', 'postgres://user@host:5432/database, without the password')
    .option('--target-secret <ref>', 'its password by reference: env:NAME or file:path')
    .option('--target-library <folder>', 'a path, or file:///…')
    .option('--from <location>', 'read a copy of the backup there instead of the backup itself')
    .option(...flags.units)
    .option('--in-place', 'replace what the target holds, after a safety backup of it')
    .option('--swap', 'restore beside the target, then let the two change places')
    .option('--confirm <environment>', "the target environment's name once more, to replace it")
    .option('--no-safety-backup', 'with --in-place: take none, and have no way back')
    .option(
      '--folder <path>',
      'only this folder of the library, as people see it: /Marketing/2024; repeatable',
      each,
    )
    .option('--site <groupId>', 'the site of the folders, where several have one of that path')
    .option('--file-entry <id>', 'only this file, all its versions; repeatable', each)
    .option('--file-version <id>', 'only this version of a file; repeatable', each)
    .option('--company <id>', "only this company's part of the library; repeatable", each)
    .option('--without-generated-files', 'leave out previews and thumbnails; Liferay makes them again')
    .option('--remove-unreferenced', 'remove from the restored library what no row of the database knows')
    .option(
      '--script <file>',
      'run on the restored database at the end; a folder stands for its .sql files; repeatable',
      each,
    )
    .option('--parameter <name=value>', 'what the scripts mean by this name; repeatable', each)
    .option('--dry-run', 'say what would be done, and what stands against it; do nothing')
    .option(...flags.notes)
    .option(...flags.requestId)
    .option(...flags.wait)
    .addHelpText('after', derivation)
    .action((backupId, options, command) =>
      run(command, async (context) => {
        const { createRestore } = await import('../restore/create-restore.ts');
        return createRestore(context, backupId, options);
      }),
    );

  restore
    .command('list')
    .description('list restores, newest first')
    .option(...flags.project)
    .option('-e, --environment <name>', 'only into this environment')
    .option(...flags.state)
    .option(...flags.unit)
    .option(...flags.from)
    .option(...flags.to)
    .option(...flags.limit)
    .option(...flags.pageToken)
    .action((options, command) =>
      run(command, async (context) => {
        const { listRestores } = await import('../restore/list-restores.ts');
        return listRestores(context, options);
      }),
    );

  restore
    .command('show <id>')
    .description('show one restore: its units, backup and target')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { showRestore } = await import('../restore/show-restore.ts');
        return showRestore(context, id);
      }),
    );

  restore
    .command('cancel <id>')
    .description('stop a restore that has not ended; nothing is left in its target')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { cancelRun } = await import('../service/cancel-run.ts');
        return cancelRun(context, 'restore', id);
      }),
    );
};
