import { z } from 'zod';

const shared = {
  engine: z.string(),
  subnetGroup: z.string().optional(),
  securityGroups: z.array(z.string()),
  parameterGroup: z.string().optional(),
  port: z.number().int().optional(),
  storageType: z.string().optional(),
  iops: z.number().int().optional(),
  deletionProtection: z.boolean(),
  iamAuthentication: z.boolean(),
  logExports: z.array(z.string()),
  /** The key that the storage is encrypted with. */
  kmsKeyId: z.string().optional(),
};

const memberSchema = z.object({
  class: z.string(),
  parameterGroup: z.string().optional(),
  certificateAuthority: z.string().optional(),
  publiclyAccessible: z.boolean(),
  /** 0 (taken over first) to 15. */
  promotionTier: z.number().int().optional(),
});

/** What RDS does not restore by itself. Kept with a backup, for when its source is gone. JSON; sizes in GiB, throughput in MiB/s. */
export const rdsSettingsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('instance'),
    ...shared,
    class: z.string(),
    optionGroup: z.string().optional(),
    allocatedGibibytes: z.number().int().optional(),
    throughput: z.number().int().optional(),
    multiAz: z.boolean(),
    publiclyAccessible: z.boolean(),
    certificateAuthority: z.string().optional(),
  }),
  z.object({
    kind: z.literal('cluster'),
    ...shared,
    engineMode: z.string().optional(),
    /** Of a Multi-AZ cluster, whose instances RDS makes itself. */
    class: z.string().optional(),
    /** Aurora capacity units. */
    serverless: z.object({ min: z.number(), max: z.number() }).optional(),
    /** Aurora's instances, the writer first. */
    members: z.array(memberSchema),
  }),
]);
export type RdsSettings = z.infer<typeof rdsSettingsSchema>;
export type InstanceSettings = Extract<RdsSettings, { kind: 'instance' }>;
export type ClusterSettings = Extract<RdsSettings, { kind: 'cluster' }>;
