import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import type { Secrets, StoreSettings } from '@lcb/core';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Gate } from './gate.ts';
import { PartMemory } from './part-memory.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** Secrets are read again after this long, so that keys which are rotated in their file are taken up. */
const credentialSeconds = 300;

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** A client, shared by all stores that are reached in the same way, and how much it moves at once. */
export interface S3Connection {
  readonly client: S3Client;
  /** The sockets of the client, shared with what is sent past it. */
  readonly agents: Agents;
  /** Server and account, by reference: where two are equal, the one can copy from the other without moving bytes. */
  readonly account: string;
  /** Bytes. A body larger than this is written in parts, … */
  readonly multipartThreshold: number;
  /** … the first of which have this size. */
  readonly partSize: number;
  /** Bytes. An object larger than this is copied by the server in parts, … */
  readonly copyThreshold: number;
  /** … of this size. */
  readonly copyPartSize: number;
  /** Where the bodies of writes lie until they are sent. */
  readonly partMemory: PartMemory;
  /** At most; how many of them are worth it is found out. */
  readonly requestsAtOnce: number;
  /** Shared by all that goes to this server. */
  readonly gate: Gate;
  /** How long a request may take until its answer begins, beside what its bytes need. */
  readonly requestMilliseconds: number;
  /** How long a body may keep silent. */
  readonly idleMilliseconds: number;
}

/** What a configuration says, and what tests set besides. */
export type S3ConnectionOptions = Omit<StoreSettings, 'location'> & {
  readonly [name in Exclude<keyof S3Connection, 'client' | 'agents' | 'account' | 'gate'>]?:
    | S3Connection[name]
    | undefined;
};

/** Opens nothing yet: secrets are resolved by the first request. */
export function s3Connection(options: S3ConnectionOptions, secrets: Secrets): S3Connection {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = options;
  const requestsAtOnce = options.requestsAtOnce ?? 64;
  const requestMilliseconds = options.requestMilliseconds ?? 60_000;
  const sockets = { keepAlive: true, maxSockets: 200 };
  const agents = { http: new HttpAgent(sockets), https: new HttpsAgent(sockets) };
  const client = new S3Client({
    ...(endpoint === undefined ? { followRegionRedirects: true } : { endpoint }),
    ...(region !== undefined ? { region } : endpoint === undefined ? {} : { region: 'us-east-1' }),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : {
          credentials: async () => ({
            accessKeyId: await secrets.resolve(accessKeyId),
            secretAccessKey: await secrets.resolve(secretAccessKey),
            ...(sessionToken === undefined ? {} : { sessionToken: await secrets.resolve(sessionToken) }),
            expiration: new Date(Date.now() + credentialSeconds * 1000),
          }),
        }),
    // We hash ourselves, on the pass that the bytes make anyway, and send SHA-256; other servers reject what they don't know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 10_000,
      requestTimeout: requestMilliseconds,
      throwOnRequestTimeout: true,
      // A reader that is slow on purpose also keeps the socket silent: bodies have a time-out of their own.
      socketTimeout: 0,
      httpAgent: agents.http,
      httpsAgent: agents.https,
    }),
  });
  return {
    client,
    agents,
    account: JSON.stringify([endpoint, accessKeyId, sessionToken]),
    multipartThreshold: options.multipartThreshold ?? 8 * mebibyte,
    partSize: options.partSize ?? 8 * mebibyte,
    partMemory: options.partMemory ?? new PartMemory(32 * mebibyte),
    copyThreshold: options.copyThreshold ?? 5 * gibibyte,
    copyPartSize: options.copyPartSize ?? 512 * mebibyte,
    requestsAtOnce,
    gate: new Gate({
      start: Math.min(16, requestsAtOnce),
      most: requestsAtOnce,
      now: () => performance.now(),
    }),
    requestMilliseconds,
    idleMilliseconds: options.idleMilliseconds ?? 60_000,
  };
}
