import type { CommandGroup } from '../cli/command-group.ts';

export const configCommands: CommandGroup = (program, run) => {
  program
    .command('config')
    .description('help with lcb.yaml')
    .command('schema')
    .description('print the JSON Schema of lcb.yaml, for editors')
    .action((_options, command) =>
      run(command, async () => {
        const { schemaText } = await import('../config/schema-text.ts');
        process.stdout.write(schemaText());
        return 0;
      }),
    );
};
