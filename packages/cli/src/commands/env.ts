import { type CommandGroup, flags } from '../cli/command-group.ts';

export const envCommands: CommandGroup = (program, run) => {
  const env = program.command('env').description('look at the environments that lcb.yaml declares');

  env
    .command('list')
    .description('list them, with their database, library and backups')
    .option(...flags.project)
    .action((options, command) =>
      run(command, async (context) => {
        const { listEnvironments } = await import('../environment/list-environments.ts');
        return listEnvironments(context, options);
      }),
    );

  env
    .command('resume <environment>')
    .description('call its resume hook now: for an environment that a backup left read-only')
    .option(...flags.project)
    .action((environment, options, command) =>
      run(command, async (context) => {
        const { resumeEnvironment } = await import('../environment/resume-environment.ts');
        return resumeEnvironment(context, environment, options);
      }),
    );

  env
    .command('check [environment]')
    .description(
      'can the database be reached, is the library there, can backups be written? all problems at once',
    )
    .option(...flags.project)
    .action((environment, options, command) =>
      run(command, async (context) => {
        const { checkEnvironments } = await import('../environment/check-environments.ts');
        return checkEnvironments(context, environment, options);
      }),
    );
};
