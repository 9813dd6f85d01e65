import { expect, it } from 'vitest';
import { isHostOfCluster, isHostOfInstance } from './match-host.ts';

const cluster = {
  Endpoint: 'acme.cluster-c1.eu-central-1.rds.amazonaws.com',
  ReaderEndpoint: 'acme.cluster-ro-c1.eu-central-1.rds.amazonaws.com',
  CustomEndpoints: ['reports.cluster-custom-c1.eu-central-1.rds.amazonaws.com'],
};

it('knows a cluster by each of its endpoints', () => {
  for (const host of [cluster.Endpoint, cluster.ReaderEndpoint, ...cluster.CustomEndpoints])
    expect(isHostOfCluster(cluster, `${host.toUpperCase()}.`)).toBe(true);
  expect(isHostOfCluster(cluster, 'acme')).toBe(false);
});

it('knows an instance by its endpoint, once it has one', () => {
  expect(
    isHostOfInstance({ Endpoint: { Address: 'a.c1.rds.amazonaws.com' } }, 'a.c1.rds.amazonaws.com'),
  ).toBe(true);
  expect(isHostOfInstance({}, '')).toBe(false);
});
