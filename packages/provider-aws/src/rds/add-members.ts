import { CreateDBInstanceCommand, type DBInstance, type RDSClient } from '@aws-sdk/client-rds';
import { askUnlessThere } from './ask.ts';
import { assertOwnTarget } from './assert-own-target.ts';
import { describeInstance } from './read-settings.ts';
import type { RestoreTarget } from './restore-target.ts';
import type { ClusterSettings } from './settings.ts';
import { tagsOf } from './tags.ts';

/** RDS allows an instance 63 characters. */
const maxLength = 63;

/** `target-1`, `target-2`, …, the cluster's name cut where it would be too long. */
export function memberName(cluster: string, number: number): string {
  const end = `-${number}`;
  return `${cluster.slice(0, maxLength - end.length).replace(/-$/, '')}${end}`;
}

/**
 * Gives a restored cluster, which comes without any, its instances. RDS takes them only when the cluster is available. May be
 * repeated: those that are there are described.
 */
export async function addMembers(
  client: RDSClient,
  target: RestoreTarget & { readonly settings: ClusterSettings },
): Promise<readonly DBInstance[]> {
  const { id: cluster, settings, marks } = target;
  const members: DBInstance[] = [];
  for (const [index, member] of settings.members.entries()) {
    const id = memberName(cluster, index + 1);
    const created = await askUnlessThere(`rds:CreateDBInstance ${id} of ${cluster}`, () =>
      client.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: id,
          DBClusterIdentifier: cluster,
          Engine: settings.engine,
          DBInstanceClass: member.class,
          DBParameterGroupName: member.parameterGroup,
          CACertificateIdentifier: member.certificateAuthority,
          PubliclyAccessible: member.publiclyAccessible,
          PromotionTier: member.promotionTier,
          Tags: tagsOf(marks),
        }),
      ),
    );
    if (created === undefined) await assertOwnTarget(client, { kind: 'instance', id }, marks);
    const instance = created?.DBInstance ?? (await describeInstance(client, id));
    if (instance !== undefined) members.push(instance);
  }
  return members;
}
