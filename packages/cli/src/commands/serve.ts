import type { CommandGroup } from '../cli/command-group.ts';

export const serveCommands: CommandGroup = (program, run) => {
  program
    .command('serve')
    .description('run what is submitted, until SIGTERM or Ctrl-C; logs JSON lines on standard error')
    .action((_options, command) =>
      run(command, async (context) => {
        const { serve } = await import('../serve/serve.ts');
        return serve(context);
      }),
    );

  program
    .command('job <arguments...>', { hidden: true })
    .description('one job of the service, in a process of its own')
    .requiredOption('--base <folder>', 'folder of lcb.yaml')
    .action((jobArguments, options, command) =>
      run(command, async () => {
        const { runJob } = await import('../serve/run-job.ts');
        return runJob(jobArguments, options);
      }),
    );
};
