import type { BackupReport, LocationReport, ReadingLevel, Sample } from '@lcb/core';

export interface VerifiedLocation {
  readonly location: string;
  readonly level: ReadingLevel;
  /** Of the level `sample`. */
  readonly sample: Sample | undefined;
  readonly report: LocationReport;
  readonly seconds: number;
}

export function locationDocument({ location, level, sample, report, seconds }: VerifiedLocation) {
  const { ok, environments, strangers } = report;
  return {
    location,
    ok,
    level,
    sample: sample ?? null,
    environments: environments.map(({ projectId, environment, backups, records, problems }) => ({
      projectId,
      environment,
      backups: backups.map(backupDocument),
      records,
      recordProblems: problems.texts,
      recordProblemCount: problems.count,
    })),
    /** Files that belong to no environment; the first 100. */
    strangers: strangers.texts,
    strangerCount: strangers.count,
    durationSeconds: seconds,
  };
}

function backupDocument(report: BackupReport) {
  const { problems, warnings } = report;
  return {
    backupId: report.backupId,
    ok: report.ok,
    sealedAt: report.sealedAt ?? null,
    keyId: report.keyId ?? null,
    problems: problems.texts,
    problemCount: problems.count,
    warnings: warnings.texts,
    warningCount: warnings.count,
    notVerifiable: report.notVerifiable,
    artefacts: report.artefacts,
    objects: report.objects,
  };
}
