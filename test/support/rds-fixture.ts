import { RDSClient } from '@aws-sdk/client-rds';

export const environment = { projectId: 'acme', environment: 'prd' };

export function marksOf(runId: string) {
  return { ...environment, runId, initiator: 'schedule:nightly', requestedAt: '2025-11-09T14:30:00Z' };
}

export function rdsClient(endpoint: string, region = 'us-east-1'): RDSClient {
  return new RDSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'lcbtestaccess', secretAccessKey: 'lcbtestsecret' },
  });
}

export function snapshotRequest(id: string, backupId: string, kind: 'instance' | 'cluster' = 'instance') {
  const { runId, ...marks } = marksOf(backupId);
  return { ...marks, backupId: runId, attempt: 1, source: { kind, id } };
}
