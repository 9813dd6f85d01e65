import type { Tag } from '@aws-sdk/client-rds';
import type { ClusterSettings, InstanceSettings } from './settings.ts';

/** The part of a restore's request that says how a new instance is set up, from a snapshot or a point in time. */
export function instanceInput(settings: InstanceSettings, tags: Tag[]) {
  return {
    DBInstanceClass: settings.class,
    DBSubnetGroupName: settings.subnetGroup,
    VpcSecurityGroupIds: listOrNone(settings.securityGroups),
    DBParameterGroupName: settings.parameterGroup,
    OptionGroupName: settings.optionGroup,
    Port: settings.port,
    ...storageInput(settings),
    MultiAZ: settings.multiAz,
    PubliclyAccessible: settings.publiclyAccessible,
    DeletionProtection: settings.deletionProtection,
    EnableIAMDatabaseAuthentication: settings.iamAuthentication,
    CACertificateIdentifier: settings.certificateAuthority,
    EnableCloudwatchLogsExports: listOrNone(settings.logExports),
    Tags: tags,
  };
}

/** The same for a cluster. */
export function clusterInput(settings: ClusterSettings, tags: Tag[]) {
  const { serverless } = settings;
  return {
    DBClusterInstanceClass: settings.class,
    DBSubnetGroupName: settings.subnetGroup,
    VpcSecurityGroupIds: listOrNone(settings.securityGroups),
    DBClusterParameterGroupName: settings.parameterGroup,
    Port: settings.port,
    StorageType: settings.storageType,
    Iops: settings.iops,
    KmsKeyId: settings.kmsKeyId,
    EngineMode: settings.engineMode,
    DeletionProtection: settings.deletionProtection,
    EnableIAMDatabaseAuthentication: settings.iamAuthentication,
    EnableCloudwatchLogsExports: listOrNone(settings.logExports),
    ...(serverless === undefined
      ? {}
      : { ServerlessV2ScalingConfiguration: { MinCapacity: serverless.min, MaxCapacity: serverless.max } }),
    Tags: tags,
  };
}

/** From here on RDS lets somebody choose IOPS and throughput of gp3. Below, it refuses the very values that it shows. */
const gp3ChoiceGibibytes = 400;

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
function storageInput({ storageType, iops, throughput, allocatedGibibytes = 0 }: InstanceSettings) {
  const isChosen = storageType === 'gp3' && allocatedGibibytes >= gp3ChoiceGibibytes;
  return {
    StorageType: storageType,
    Iops: isChosen || storageType?.startsWith('io') === true ? iops : undefined,
    StorageThroughput: isChosen ? throughput : undefined,
  };
}

function listOrNone(values: readonly string[]): string[] | undefined {
  return values.length === 0 ? undefined : [...values];
}
