import { type CommandGroup, collected, flags } from '../cli/command-group.ts';

export const backupCommands: CommandGroup = (program, run) => {
  const backup = program.command('backup').description('back up environments, and look after the backups');

  backup
    .command('create')
    .description('back up an environment: what changed since the last backup, restorable alone')
    .option(...flags.project)
    .option(...flags.environment)
    .option(...flags.units)
    .option('--full', 'copy every object again, whatever earlier backups have')
    .option(
      '--consistency <strategy>',
      'automatic, exact: the library of the very moment, databaseFirst, or quiesce: hooks stop the environment (automatic)',
    )
    .option('--compression <algorithm>', 'of the database dump: zstd or gzip (zstd)')
    .option(
      '--keep-for <time>',
      'until then it is kept, and then it may go: 12h, 7d, 4w (by the rules of lcb.yaml)',
    )
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
    .description('compare a backup with what was signed; exit 0 only if all is well')
    .option(...flags.project)
    .option(...flags.environment)
    .option(
      '--level <level>',
      'quick: presence and sizes; sample: also the bytes of some objects; full: every byte; restore: load the dump into a scratch database, compare, drop it (full)',
    )
    .option(...flags.sample)
    .option(...flags.seed)
    .option(
      '--server <url>',
      'of --level restore: load it there, such as postgres://user@host:5432 (the server of its environment)',
    )
    .option('--secret <reference>', 'where the password for --server is, such as env:VERIFY_PASSWORD')
    .option(
      '--key <file>',
      'trust the public keys of this file, and no other; may be repeated; nothing is recorded then',
      collected,
    )
    .option('--location <folder>', 'of a copy of it: look there instead of where lcb.yaml says')
    .option('--no-record', 'do not keep the result as a signed record beside the backup')
    .option(...flags.requestId)
    .option(...flags.wait)
    .action((id, options, command) =>
      run(command, async (context) => {
        const { verify } = await import('../verify/verify-backup.ts');
        return verify(context, id, options);
      }),
    );

  backup
    .command('delete <id>')
    .description('delete a backup; until its time of grace is over it can be undeleted')
    .option('--reason <text>', 'kept with the deletion')
    .option('--even-if-base', 'also when another backup that is kept was built on it')
    .option('--dry-run', 'only say what would be done, and what stands against it')
    .option(...flags.requestId)
    .option(...flags.wait)
    .action((id, options, command) =>
      run(command, async (context) => {
        const { deleteBackup } = await import('../keeping/delete-backup.ts');
        return deleteBackup(context, id, options);
      }),
    );

  backup
    .command('undelete <id>')
    .description('take a deletion back, while its time of grace lasts')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { undelete } = await import('../keeping/keep-backup.ts');
        return undelete(context, id);
      }),
    );

  backup
    .command('expire')
    .description(
      'delete the backups that no rule of retention keeps; until their time of grace is over they can be undeleted',
    )
    .option(...flags.project)
    .option(...flags.environment)
    .option('--dry-run', 'only say which are kept, by which rule, and which would be deleted')
    .option(...flags.wait)
    .action((options, command) =>
      run(command, async (context) => {
        const { expireBackups } = await import('../retention/expire-backups.ts');
        return expireBackups(context, options);
      }),
    );

  backup
    .command('pin <id>')
    .description('keep a backup: nobody can delete it until it is unpinned')
    .option('--reason <text>', 'kept with the pin')
    .action((id, options, command) =>
      run(command, async (context) => {
        const { pin } = await import('../keeping/keep-backup.ts');
        return pin(context, id, options);
      }),
    );

  backup
    .command('unpin <id>')
    .description('let a pinned backup be deleted again')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { unpin } = await import('../keeping/keep-backup.ts');
        return unpin(context, id);
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
    .option('--key <file>', 'trust the public keys of this file, and no other; may be repeated', collected)
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
    .description('stop a backup, or a copy or verification of one, that has not ended; nothing of it is left')
    .action((id, _options, command) =>
      run(command, async (context) => {
        const { cancelRun } = await import('../service/cancel-run.ts');
        return cancelRun(context, 'backup', id);
      }),
    );
};
