import { type CommandGroup, flags } from '../cli/command-group.ts';

export const backupCommands: CommandGroup = (program, run) => {
  const backup = program.command('backup').description('back up environments, and look after the backups');

  backup
    .command('create')
    .description('back up an environment: what changed since the last backup, restorable alone')
    .option(...flags.project)
    .option(...flags.environment)
    .option(...flags.units)
    .option('--full', 'copy every object again, whatever earlier backups have')
    .option('--compression <algorithm>', 'of the database dump: zstd or gzip (zstd)')
    .option('--dry-run', 'say what would be read and copied, and what stands against it; do nothing')
    .option(...flags.notes)
    .option(...flags.requestId)
    .option(...flags.wait)
    .action((options, command) =>
      run(command, async (context) => {
        const { createBackup } = await import('../backup/create-backup.ts');
        return createBackup(context, options);
      }),
    );

  backup
    .command('list')
    .description('list backups, newest first')
    .option(...flags.project)
    .option('-e, --environment <name>', 'only of this environment')
    .option(...flags.state)
    .option(...flags.unit)
    .option(...flags.from)
    .option(...flags.to)
    .option(...flags.limit)
    .option(...flags.pageToken)
    .action((options, command) =>
      run(command, async (context) => {
        const { listBackups } = await import('../backup/list-backups.ts');
        return listBackups(context, options);
      }),
    );

  backup
    .command('show <id>')
    .description('show one backup: its units, checks, consistency, base and place')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { showBackup } = await import('../backup/show-backup.ts');
        return showBackup(context, id);
      }),
    );

  backup
    .command('certificate <id>')
    .description(
      'do the database and the library of a backup fit together? what does not, and whose fault it is',
    )
    .option('--findings', 'every object that does not fit, a line each, however many there are')
    .action((id, options, command) =>
      run(command, async (context) => {
        const { showCertificate } = await import('../backup/show-certificate.ts');
        return showCertificate(context, id, options);
      }),
    );

  backup
    .command('verify <id>')
    .description(
      'read every byte of a backup and compare it with what was signed; exit 0 only if all is well',
    )
    .option(...flags.project)
    .option(...flags.environment)
    .option(
      '--key <file>',
      'trust the public keys of this file, and no other; may be repeated; nothing is recorded then',
      // Not variadic: that would take the id for a file, too.
      (file: string, files: readonly string[] = []) => [...files, file],
    )
    .option('--location <folder>', 'of a copy of it: look there instead of where lcb.yaml says')
    .option('--no-record', 'do not keep the result as a signed record beside the backup')
    .action((id, options, command) =>
      run(command, async (context) => {
        const { verify } = await import('../verify/verify-backup.ts');
        return verify(context, id, options);
      }),
    );

  backup
    .command('download <id>')
    .description('fetch a backup as plain files: the dump as SQL, the library as a folder or a tar archive')
    .requiredOption('--to <folder>', 'a new folder, or one that this download has begun to fill')
    .option(...flags.units)
    .option('--archive', 'the library as library.tar instead of a folder')
    .option('--compressed', 'the dump as it is stored (.zst or .gz) instead of plain')
    .option('--concurrency <n>', 'files fetched at once (8)')
    .option('--location <folder>', 'look for it in this backup location, without the catalog')
    .option(
      '--key <file>',
      'trust the public keys of this file, and no other; may be repeated',
      (file: string, files: readonly string[] = []) => [...files, file],
    )
    .option(...flags.dryRun)
    .action((id, options, command) =>
      run(command, async (context) => {
        const { downloadBackup } = await import('../download/download-backup.ts');
        return downloadBackup(context, id, options);
      }),
    );

  backup
    .command('upload')
    .description('make a backup of a dump and a library that were made elsewhere')
    .option(...flags.project)
    .option(...flags.environment)
    .option(
      '--dump <file>',
      'SQL, plain or compressed with gzip or zstd, or an archive of pg_dump (custom, tar)',
    )
    .option('--dump-format <format>', 'plain, gzip, zstd, custom or tar (told by its first bytes)')
    .option(
      '--library <path>',
      'a folder, read in place, or a tar archive, also compressed with gzip or zstd',
    )
    .option(...flags.notes)
    .option(...flags.requestId)
    .option(...flags.dryRun)
    .option(...flags.wait)
    .action((options, command) =>
      run(command, async (context) => {
        const { uploadBackup } = await import('../upload/upload-backup.ts');
        return uploadBackup(context, options);
      }),
    );

  backup
    .command('copy <id>')
    .description('make a backup once more in another location, where it needs nothing of the first')
    .requiredOption('--to <location>', 'the other backup location')
    .option(...flags.notes)
    .option(...flags.requestId)
    .option(...flags.dryRun)
    .option(...flags.wait)
    .action((id, options, command) =>
      run(command, async (context) => {
        const { copyBackup } = await import('../copy/copy-backup.ts');
        return copyBackup(context, id, options);
      }),
    );

  backup
    .command('cancel <id>')
    .description('stop a backup, or a copy of one, that has not ended; nothing of it is left')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { cancelRun } = await import('../service/cancel-run.ts');
        return cancelRun(context, 'backup', id);
      }),
    );
};
