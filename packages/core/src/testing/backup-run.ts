import { type Backup, backupSchema } from '../model/run.ts';
import type { State } from '../model/state.ts';
import type { Unit, UnitsStatus } from '../model/unit.ts';
import { environment } from './library-backup.ts';

const at = '2025-11-09T14:30:00.000Z';

/** A backup as the catalog would hold it while it runs. */
export function backupRun(
  options: {
    readonly state?: State;
    readonly units?: readonly Unit[];
    readonly runId?: string;
    readonly cancelRequested?: boolean;
    readonly status?: UnitsStatus;
  } = {},
): Backup {
  const {
    state = 'InProgress',
    units = ['database', 'documentLibrary'],
    runId = 'retail-prd-backup-20251109-143000',
  } = options;
  const source = {
    ...environment,
    database: { engine: 'postgresql', url: 'postgres://localhost/lportal' },
    documentLibrary: { location: 'memory://library' },
    backups: { location: 'memory://backups' },
  };
  const about = { ...environment, requestedAt: at };
  const request = {
    kind: 'backup',
    requestId: 'r-1',
    initiator: 'ada',
    correlationId: 'c-1',
    units,
    source,
    ...about,
  };
  return backupSchema.parse({
    kind: 'backup',
    runId,
    state,
    units: options.status ?? {},
    epoch: 1,
    cancelRequested: options.cancelRequested ?? false,
    request,
    ...about,
  });
}
