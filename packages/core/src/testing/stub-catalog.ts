import type { Catalog, PlatformCatalog, ProjectCatalog } from '../ports/catalog.ts';

// biome-ignore lint/correctness/useYield: it fails before it could.
async function* noEntries(): AsyncGenerator<never> {
  throw new Error('catalog.auditEntries was not to be called');
}

function unexpected(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`catalog.${name} was not to be called`));
}

/**
 * A catalog of which only the named operations may be called. It keeps no state: what a catalog does is tested on the
 * real one.
 */
export function stubCatalog(parts: {
  readonly project?: Partial<ProjectCatalog>;
  readonly platform?: Partial<PlatformCatalog>;
}): Catalog {
  const platform: PlatformCatalog = {
    admit: unexpected('admit'),
    admitted: unexpected('admitted'),
    renewLease: unexpected('renewLease'),
    releaseLease: unexpected('releaseLease'),
    checkLease: unexpected('checkLease'),
    takeOver: unexpected('takeOver'),
    pendingEvents: unexpected('pendingEvents'),
    markDelivered: unexpected('markDelivered'),
    appendAudit: unexpected('appendAudit'),
    auditEntries: noEntries,
    auditHead: unexpected('auditHead'),
    ...parts.platform,
  };
  return {
    platform,
    forProject: (projectId): ProjectCatalog => ({
      projectId,
      declareEnvironment: unexpected('declareEnvironment'),
      environments: unexpected('environments'),
      recordRequest: unexpected('recordRequest'),
      run: unexpected('run'),
      runOfRequest: unexpected('runOfRequest'),
      runs: unexpected('runs'),
      latestBackup: unexpected('latestBackup'),
      requestCancel: unexpected('requestCancel'),
      cancelRequested: unexpected('cancelRequested'),
      setState: unexpected('setState'),
      setUnit: unexpected('setUnit'),
      setSealed: unexpected('setSealed'),
      addResult: unexpected('addResult'),
      recordQuiesce: unexpected('recordQuiesce'),
      recordResume: unexpected('recordResume'),
      quiescedSeconds: unexpected('quiescedSeconds'),
      recordResumeByHand: unexpected('recordResumeByHand'),
      recordReindex: unexpected('recordReindex'),
      setDeleted: unexpected('setDeleted'),
      setSwept: unexpected('setSwept'),
      addVerification: unexpected('addVerification'),
      allowSweeps: unexpected('allowSweeps'),
      setPinned: unexpected('setPinned'),
      setUndeleted: unexpected('setUndeleted'),
      rebuildBackup: unexpected('rebuildBackup'),
      recordRebuild: unexpected('recordRebuild'),
      sweepsBlockedSince: unexpected('sweepsBlockedSince'),
      finish: unexpected('finish'),
      appendAudit: unexpected('appendAudit'),
      auditEntries: noEntries,
      auditHead: unexpected('auditHead'),
      ...parts.project,
    }),
  };
}
