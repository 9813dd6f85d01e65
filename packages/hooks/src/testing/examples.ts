import type { CloudEvent, Secrets } from '@lcb/core';

export const event: CloudEvent = {
  specversion: '1.0',
  id: 'retail-prd-backup-20251109-143000-quiesce-1',
  type: 'cloud.liferay.environment.quiesce.v1',
  source: '/projects/retail/environments/prd',
  subject: 'retail-prd-backup-20251109-143000',
  time: '2025-11-09T14:30:00.000Z',
  data: { attempt: 1 },
};

export function secretsOf(values: Readonly<Record<string, string>>): Secrets {
  return {
    async resolve(reference) {
      const value = values[reference];
      if (value === undefined) throw new Error(`no secret ${reference}`);
      return value;
    },
  };
}

export const never: AbortSignal = new AbortController().signal;
