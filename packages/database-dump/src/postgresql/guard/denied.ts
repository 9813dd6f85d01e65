import type { Statement } from '../../guard/statement.ts';
import { refuse, type Verdict } from '../../guard/verdict.ts';
import { identifierAt } from './identifier.ts';

/** Functions that reach files, programs, other servers or other sessions, in any schema. */
const FUNCTIONS =
  /^(?:lo_(?:import|export)|lo_import_with_oid|pg_(?:read|ls|file|logdir)_\w+|pg_stat_file|pg_(?:terminate|cancel)_backend|pg_(?:reload_conf|rotate_logfile\w*|promote|switch_wal|create_restore_point|backup_\w+|start_backup|stop_backup)|pg_(?:create|drop|copy|sync)_\w*replication_slots?\w*|pg_replication_\w+|pg_logical_\w+|dblink\w*|set_config|query_to_xml\w*|cursor_to_xml\w*|ts_stat)$/;

/**
 * What no statement may have anywhere, in whichever kind: a second look at what the allow-list lets through. The one use of
 * `set_config` that dumps have is let through before this is asked.
 */
export function deniedAnywhere(statement: Statement): Verdict | undefined {
  const { tokens } = statement;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== 'word' && token?.kind !== 'name') continue;
    if (statement.isSymbol(at + 1, '(')) {
      const name = identifierAt(statement, at) ?? '';
      if (FUNCTIONS.test(name)) {
        return refuse(
          'it reaches files, programs, settings or sessions of the server',
          `The function ${name}`,
        );
      }
    }
    if (statement.has(at, 'SECURITY', 'DEFINER')) {
      return refuse('it would run with the rights of its owner, whoever calls it', 'SECURITY DEFINER');
    }
    if (statement.has(at, 'SET')) {
      const what = identifierAt(statement, at + 1);
      const isRole =
        what === 'role' ||
        what === 'session_authorization' ||
        statement.has(at + 1, 'SESSION', 'AUTHORIZATION');
      // `UPDATE t SET role = 1` names a column.
      const isColumn =
        statement.has(0, 'UPDATE') ||
        statement.has(0, 'INSERT') ||
        statement.has(0, 'MERGE') ||
        statement.has(0, 'WITH');
      if (isRole && !isColumn)
        return refuse('it changes whose rights count', 'SET ROLE or SESSION AUTHORIZATION');
    }
  }
  return undefined;
}
