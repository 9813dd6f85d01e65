import {
  artefactsOf,
  type Backup,
  type CopyRequest,
  environmentRef,
  findManifest,
  openManifest,
} from '@lcb/core';
import type { LocalService } from '@lcb/functions-local';
import { durationOf } from '../output/run-document.ts';
import type { Plan } from '../plan/plan.ts';
import { copiesOf } from './list-copies.ts';

/** What `lcb backup copy` would do. */
export async function copyPlan(service: LocalService, backup: Backup, request: CopyRequest): Promise<Plan> {
  const { provider } = service;
  const trusted = await service.trustedKeys();
  const ref = environmentRef(request);
  const from = provider.objectStore(request.backup.location);
  const { value: manifest } = await openManifest(from, ref, backup.runId, trusted);
  const existing = await findManifest(provider.objectStore(request.to), ref, backup.runId, trusted);
  const artefacts = await artefactsOf(from, manifest);
  const { documentLibrary } = manifest.units;
  const bytes = artefacts.reduce((sum, artefact) => sum + artefact.bytes, documentLibrary?.bytes ?? 0);
  const [earlier] = (await copiesOf(service, backup)).filter(({ state }) => state === 'Succeeded');
  const seconds = earlier === undefined ? undefined : durationOf(earlier);
  return {
    title: `Copy ${backup.runId}`,
    reads: [request.backup.location],
    writes: [request.to],
    overwrites: [],
    copies: { objects: documentLibrary?.objects ?? 0, bytes },
    ...(seconds === undefined ? {} : { expectedSeconds: seconds }),
    notes: [
      'Every object is copied, also those that the backup shares with earlier ones: the copy needs none of them.',
    ],
    blockedBy:
      existing === undefined
        ? []
        : [`${request.to} holds ${backup.runId} already; a copy is never written over.`],
  };
}
