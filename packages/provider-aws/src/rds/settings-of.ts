import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { type RdsSettings, rdsSettingsSchema } from './settings.ts';

/** What an instance is set up as, from its description. */
export function instanceSettings(instance: DBInstance): RdsSettings {
  return rdsSettingsSchema.parse({
    kind: 'instance',
    engine: instance.Engine,
    subnetGroup: instance.DBSubnetGroup?.DBSubnetGroupName,
    securityGroups: securityGroupsOf(instance),
    parameterGroup: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
    port: portOf(instance.Endpoint?.Port ?? instance.DbInstancePort),
    storageType: instance.StorageType,
    iops: instance.Iops,
    deletionProtection: instance.DeletionProtection ?? false,
    iamAuthentication: instance.IAMDatabaseAuthenticationEnabled ?? false,
    logExports: instance.EnabledCloudwatchLogsExports ?? [],
    kmsKeyId: instance.KmsKeyId,
    class: instance.DBInstanceClass,
    optionGroup: ownOptionGroup(instance.OptionGroupMemberships?.[0]?.OptionGroupName),
    allocatedGibibytes: instance.AllocatedStorage,
    throughput: instance.StorageThroughput,
    multiAz: instance.MultiAZ ?? false,
    publiclyAccessible: instance.PubliclyAccessible ?? false,
    certificateAuthority: instance.CACertificateIdentifier,
  });
}

/** What a cluster is set up as. @param members its instances, the writer first */
export function clusterSettings(cluster: DBCluster, members: readonly DBInstance[]): RdsSettings {
  const { ServerlessV2ScalingConfiguration: capacity } = cluster;
  // RDS makes the instances of a Multi-AZ cluster itself; only such a cluster has a class of its own.
  const isMultiAz = cluster.DBClusterInstanceClass !== undefined;
  return rdsSettingsSchema.parse({
    kind: 'cluster',
    engine: cluster.Engine,
    subnetGroup: cluster.DBSubnetGroup,
    securityGroups: securityGroupsOf(cluster),
    parameterGroup: cluster.DBClusterParameterGroup,
    port: portOf(cluster.Port),
    storageType: cluster.StorageType,
    iops: cluster.Iops,
    deletionProtection: cluster.DeletionProtection ?? false,
    iamAuthentication: cluster.IAMDatabaseAuthenticationEnabled ?? false,
    logExports: cluster.EnabledCloudwatchLogsExports ?? [],
    kmsKeyId: cluster.KmsKeyId,
    engineMode: cluster.EngineMode,
    class: cluster.DBClusterInstanceClass,
    ...(capacity?.MinCapacity === undefined || capacity.MaxCapacity === undefined
      ? {}
      : { serverless: { min: capacity.MinCapacity, max: capacity.MaxCapacity } }),
    members: isMultiAz
      ? []
      : members.map((member) => ({
          class: member.DBInstanceClass,
          parameterGroup: member.DBParameterGroups?.[0]?.DBParameterGroupName,
          certificateAuthority: member.CACertificateIdentifier,
          publiclyAccessible: member.PubliclyAccessible ?? false,
          promotionTier: member.PromotionTier,
        })),
  });
}

function securityGroupsOf({ VpcSecurityGroups = [] }: DBInstance | DBCluster): readonly string[] {
  return VpcSecurityGroups.flatMap(({ VpcSecurityGroupId: id }) => (id === undefined ? [] : [id]));
}

/** RDS says 0 for a port that it does not know yet. */
function portOf(port: number | undefined): number | undefined {
  return port === 0 ? undefined : port;
}

/** A default one comes by itself, and belongs to the engine's version. */
function ownOptionGroup(name: string | undefined): string | undefined {
  return name?.startsWith('default:') ? undefined : name;
}
