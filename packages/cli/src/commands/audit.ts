import { type CommandGroup, flags } from '../cli/command-group.ts';

export const auditCommands: CommandGroup = (program, run) => {
  const audit = program.command('audit').description('who did what, when, and with what result');

  audit
    .command('list')
    .description('list the newest audit entries of a project')
    .option(...flags.project)
    .option('--from <n>', 'from this entry on, instead of the newest')
    .option(...flags.limit)
    .action((options, command) =>
      run(command, async (context) => {
        const { listAudit } = await import('../audit/list-audit.ts');
        return listAudit(context, options);
      }),
    );

  audit
    .command('verify')
    .description('was any entry changed, removed, reordered or cut off? exit 0 only if none was')
    .option('-p, --project <name>', 'only of this project')
    .action((options, command) =>
      run(command, async (context) => {
        const { verifyAudit } = await import('../audit/verify-audit.ts');
        return verifyAudit(context, options);
      }),
    );
};
