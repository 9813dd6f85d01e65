import type { StepContext } from '../steps/step-context.ts';
import { validationSettingsSchema } from '../validation/settings.ts';
import { sequenceClock } from './sequence-clock.ts';
import { stubCatalog } from './stub-catalog.ts';
import { stubProvider } from './stub-provider.ts';
import { testSigner } from './test-signer.ts';

/** What a step is given, with everything forbidden that the test does not name. */
export function stepContext(parts: Partial<StepContext> = {}): StepContext {
  const signer = testSigner();
  return {
    provider: stubProvider({
      objectStore: (location) => {
        throw new Error(`${location} was not to be opened`);
      },
    }),
    catalog: stubCatalog({}),
    signer,
    trustedKeys: async () => [signer.trusted],
    clock: sequenceClock(),
    hooks: { call: () => Promise.reject(new Error('no hook was to be called')) },
    shardLimits: { rows: 2, copyBytes: 1_000_000 },
    shardsAtOnce: 2,
    validation: validationSettingsSchema.parse({}),
    serviceVersion: '0.0.0',
    lease: { runId: 'retail-prd-backup-20251109-143000', epoch: 1 },
    signal: new AbortController().signal,
    isTimeOver: () => false,
    ...parts,
  };
}
