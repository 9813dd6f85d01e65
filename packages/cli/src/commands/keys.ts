import type { CommandGroup } from '../cli/command-group.ts';

export const keysCommands: CommandGroup = (program, run) => {
  const keys = program.command('keys').description('the keys that sign backups and records');

  keys
    .command('list')
    .description(
      'list the public keys that this installation trusts; with -o json, as `verify --key` reads them',
    )
    .action((_options, command) =>
      run(command, async (context) => {
        const { listKeys } = await import('../keys/list-keys.ts');
        return listKeys(context);
      }),
    );

  keys
    .command('rotate')
    .description('sign with a new key from now on; what the old one signed counts as before')
    .action((_options, command) =>
      run(command, async (context) => {
        const { rotateKey } = await import('../keys/rotate-key.ts');
        return rotateKey(context);
      }),
    );
};
