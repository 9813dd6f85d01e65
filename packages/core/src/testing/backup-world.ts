import { emptyChainHash } from '../audit/chain.ts';
import type { AuditEvent } from '../model/audit-entry.ts';
import type { Backup, Sealed } from '../model/run.ts';
import type { Unit, UnitStatus } from '../model/unit.ts';
import type { BackupProvider } from '../ports/backup-provider.ts';
import type { RunOutcome } from '../ports/catalog.ts';
import { databaseDumpSchema } from '../ports/database-engine.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { readJson } from '../repository/json-artefact.ts';
import { backupPrefix, dumpDescriptionPath } from '../repository/layout.ts';
import type { StepContext } from '../steps/step-context.ts';
import { MemoryStore } from './memory-store.ts';
import { stepContext } from './step-context.ts';
import { stubCatalog } from './stub-catalog.ts';
import { stubProvider } from './stub-provider.ts';
import { type TestSigner, testSigner } from './test-signer.ts';

/** Two stores and what a step said to the catalog about one backup. */
export interface BackupWorld {
  readonly library: MemoryStore;
  readonly backups: MemoryStore;
  readonly signer: TestSigner;
  readonly units: Map<Unit, Partial<UnitStatus>>;
  readonly sealed: Sealed[];
  readonly outcomes: RunOutcome[];
  readonly events: AuditEvent[];
  /** What was asked of the provider: `operation argument`. */
  readonly asked: string[];
  readonly context: StepContext;
}

export function backupWorld(
  backup: Backup,
  options: {
    readonly latest?: Backup;
    /** What lists of the catalog answer. */
    readonly earlier?: readonly Backup[];
    readonly provider?: Partial<BackupProvider>;
    readonly backups?: (store: ObjectStore) => ObjectStore;
    /** Does the library's store keep versions? */
    readonly versions?: boolean;
  } = {},
): BackupWorld {
  const library = new MemoryStore({
    location: 'memory://library',
    ...(options.versions === undefined ? {} : { versions: options.versions }),
  });
  const backups = new MemoryStore({ location: 'memory://backups' });
  const signer = testSigner();
  const units = new Map<Unit, Partial<UnitStatus>>();
  const sealed: Sealed[] = [];
  const outcomes: RunOutcome[] = [];
  const events: AuditEvent[] = [];
  const asked: string[] = [];
  const catalog = stubCatalog({
    platform: { checkLease: async () => undefined },
    project: {
      run: async () => backup,
      latestBackup: async () => options.latest,
      runs: async () => ({ runs: options.earlier ?? [] }),
      setState: async () => undefined,
      setUnit: async (_lease, unit, status) => {
        units.set(unit, { ...units.get(unit), ...status });
      },
      setSealed: async (_lease, of) => {
        sealed.push(of);
      },
      finish: async (_lease, outcome, event) => {
        outcomes.push(outcome);
        events.push(event);
        const last = sealed.at(-1);
        return {
          ...backup,
          state: outcome.state,
          completedAt: '2025-11-09T15:00:00.000Z',
          ...(last === undefined ? {} : { sealed: last }),
        };
      },
      auditHead: async () => ({ chain: 'retail', sequence: 0, hash: emptyChainHash }),
    },
  });
  const remember = (operation: string) => async (about: string | { readonly attempt: number }) => {
    asked.push(`${operation} ${typeof about === 'string' ? about : about.attempt}`);
  };
  const opened = options.backups?.(backups) ?? backups;
  const provider = stubProvider({
    objectStore: (location) => (location === 'memory://library' ? library : opened),
    stopOperations: remember('stop'),
    deleteDatabaseBackup: remember('deleteDatabase'),
    deleteObjectStorageBackup: remember('deleteLibrary'),
    validateBackup: async () => ({ problems: [] }),
    getDatabaseBackupMetadata: (attempt) =>
      readJson(
        opened,
        backupPrefix(attempt, attempt.backupId) + dumpDescriptionPath(attempt.attempt),
        databaseDumpSchema,
      ),
    ...options.provider,
  });
  const context = stepContext({ provider, catalog, signer, trustedKeys: async () => [signer.trusted] });
  return { library, backups, signer, units, sealed, outcomes, events, asked, context };
}
