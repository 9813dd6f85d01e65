import { UnsupportedError } from '../errors/errors.ts';

/** Everything that a provider may or may not be able to do; the rows of the capability matrix (requirements 7.2). */
export const capabilityNames = [
  'databaseSnapshot',
  'databasePointInTime',
  'databaseDump',
  'objectVersioning',
  'objectCopy',
  'objectLifecycle',
  'searchSnapshot',
  'managedIdentity',
  'encryption',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

export type Capability =
  | { readonly supported: true; readonly by: string }
  /** `reason` is a sentence for the person who asked, with what to use instead. */
  | { readonly supported: false; readonly reason: string };

export type Capabilities = Readonly<Record<CapabilityName, Capability>>;

/** Refuses at planning what would otherwise fail half-way. @throws UnsupportedError */
export function requireCapability(capabilities: Capabilities, name: CapabilityName): void {
  const capability = capabilities[name];
  if (!capability.supported) throw new UnsupportedError(capability.reason);
}
