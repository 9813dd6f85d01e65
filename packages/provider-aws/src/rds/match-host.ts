import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';

/** Host names compare without case, and may end with the root's dot. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** Is this host the endpoint of the cluster, that of its readers, or one of its custom ones? */
export function isHostOfCluster(cluster: DBCluster, host: string): boolean {
  const { Endpoint, ReaderEndpoint, CustomEndpoints = [] } = cluster;
  return [Endpoint, ReaderEndpoint, ...CustomEndpoints].some(
    (endpoint) => endpoint !== undefined && plainHost(endpoint) === plainHost(host),
  );
}

export function isHostOfInstance(instance: DBInstance, host: string): boolean {
  const address = instance.Endpoint?.Address;
  return address !== undefined && plainHost(address) === plainHost(host);
}
