import { LcbError } from '@lcb/core';

interface Meaning {
  readonly code: string;
  readonly advice: string;
  readonly retryable: boolean;
}

const throttled: Meaning = {
  code: 'aws.throttled',
  retryable: true,
  advice: 'AWS asks to slow down. It is tried again later.',
};
const unavailable: Meaning = {
  code: 'aws.unavailable',
  retryable: true,
  advice: 'AWS does not answer, or fails. It is tried again later.',
};
const denied: Meaning = {
  code: 'aws.accessDenied',
  retryable: false,
  advice: 'Give the role this permission.',
};
const expired: Meaning = {
  code: 'aws.credentialsExpired',
  retryable: false,
  advice: 'The credentials have expired. Renew them, or let the machine have a role of its own.',
};
const credentials: Meaning = {
  code: 'aws.credentials',
  retryable: false,
  advice: 'AWS does not know these credentials, or none were found.',
};
const invalid: Meaning = {
  code: 'aws.requestInvalid',
  retryable: false,
  advice: 'RDS refuses the request as it is.',
};
const state: Meaning = {
  code: 'rds.invalidState',
  retryable: true,
  advice: 'The database or snapshot is busy with something else, or stopped.',
};
const exists: Meaning = {
  code: 'rds.alreadyExists',
  retryable: false,
  advice: 'Something of that name exists already.',
};
const notFound: Meaning = {
  code: 'rds.notFound',
  retryable: false,
  advice: 'RDS knows nothing of that name.',
};
const quota: Meaning = {
  code: 'rds.quota',
  retryable: false,
  advice: 'A quota of the account is used up. Ask AWS to raise it, or delete what is not needed.',
};
const snapshotQuota: Meaning = {
  code: 'rds.snapshotQuota',
  retryable: false,
  advice:
    'The account has as many manual snapshots as its quota allows. Delete some, or ask AWS to raise it.',
};
const storage: Meaning = {
  code: 'rds.storageQuota',
  retryable: false,
  advice: 'The storage is full, or its quota used up.',
};
const capacity: Meaning = {
  code: 'rds.insufficientCapacity',
  retryable: true,
  advice: 'AWS has no capacity for this class here at the moment.',
};
const network: Meaning = {
  code: 'rds.networkInvalid',
  retryable: false,
  advice: 'Subnet group or VPC do not allow it. Check the settings of the target.',
};
const unsupported: Meaning = {
  code: 'rds.notOffered',
  retryable: false,
  advice: 'RDS does not offer this here. Check the settings of the target.',
};

/** By the name without `Fault` or `Exception` at its end, in lower case: AWS, its SDK and other servers spell them differently. */
const meanings: Readonly<Record<string, Meaning>> = {
  throttling: throttled,
  throttled,
  toomanyrequests: throttled,
  requestlimitexceeded: throttled,
  accessdenied: denied,
  unauthorizedoperation: denied,
  notauthorized: denied,
  expiredtoken: expired,
  requestexpired: expired,
  invalidclienttokenid: credentials,
  unrecognizedclient: credentials,
  signaturedoesnotmatch: credentials,
  incompletesignature: credentials,
  missingauthenticationtoken: credentials,
  credentialsprovidererror: credentials,
  internalfailure: unavailable,
  internalerror: unavailable,
  serviceunavailable: unavailable,
  timeouterror: unavailable,
  requesttimeout: unavailable,
  kmskeynotaccessible: {
    code: 'rds.kmsKeyNotAccessible',
    retryable: false,
    advice: 'The encryption key is disabled, or the role may not use it (kms:CreateGrant, kms:DescribeKey).',
  },
  pointintimerestorenotenabled: {
    code: 'rds.pointInTimeNotEnabled',
    retryable: false,
    advice: 'Automated backups are off. Set a retention period of at least one day.',
  },
  invalidrestore: { code: 'rds.restoreInvalid', retryable: false, advice: 'RDS can not restore from this.' },
  snapshotquotaexceeded: snapshotQuota,
  dbclustersnapshotquotaexceeded: snapshotQuota,
  sharedsnapshotquotaexceeded: {
    code: 'rds.shareQuota',
    retryable: false,
    advice: 'The snapshot is shared with as many accounts as RDS allows.',
  },
  storagequotaexceeded: storage,
  storagefull: storage,
  insufficientdbinstancecapacity: capacity,
  insufficientdbclustercapacity: capacity,
  insufficientstorageclustercapacity: capacity,
  dbsubnetgroupdoesnotcoverenoughazs: network,
  invalidsubnet: network,
  invalidvpcnetworkstate: network,
  vpcencryptioncontrolviolation: network,
  storagetypenotsupported: unsupported,
  networktypenotsupported: unsupported,
  provisionediopsnotavailableinaz: unsupported,
};

/** Families of names, for what the table does not name. */
const families: readonly (readonly [RegExp, Meaning])[] = [
  [/alreadyexists$/, exists],
  [/notfound$/, notFound],
  [/quotaexceeded$/, quota],
  [/^invalid.*state$/, state],
  [/^(invalidparameter|missingparameter|validation|malformed)/, invalid],
];

const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** The name of an error of RDS in the one spelling that we compare. */
function plainName(name: string): string {
  return name.replace(/(Fault|Exception)$/i, '').toLowerCase();
}

/**
 * An error of the client as ours. Errors of ours, and what is no error, stay as they are.
 *
 * @param what what was asked of RDS, with its operation's name and its target: `rds:CreateDBSnapshot of "acme-prd"`
 */
export function rdsError(what: string, thrown: unknown): unknown {
  if (LcbError.isInstance(thrown) || !(thrown instanceof Error)) return thrown;
  const name = 'Code' in thrown && typeof thrown.Code === 'string' ? thrown.Code : thrown.name;
  const status = statusOf(thrown);
  const { code, advice, retryable } = meaningOf(plainName(name), status, thrown);
  const isTold =
    code !== 'aws.throttled' && code !== 'aws.unavailable' && !code.startsWith('aws.credentials');
  return new LcbError({
    code,
    message: `${what}: ${name}. ${advice}${isTold ? ` AWS says: ${thrown.message}` : ''}`,
    retryable,
    // Not the client's own error: that one holds the whole exchange, with what was signed.
    cause: new Error(`${name} (${status ?? 'no answer'}): ${thrown.message}`),
  });
}

function meaningOf(plain: string, status: number | undefined, error: Error): Meaning {
  const known = Object.hasOwn(meanings, plain) ? meanings[plain] : undefined;
  if (known !== undefined) return known;
  const family = families.find(([pattern]) => pattern.test(plain));
  if (family !== undefined) return family[1];
  if (status === 403) return denied;
  if (status === 401) return credentials;
  if (status === 429) return throttled;
  const isNetwork = 'code' in error && typeof error.code === 'string' && networkCodes.has(error.code);
  if (isNetwork || (status !== undefined && status >= 500)) return unavailable;
  return { code: 'rds.failed', retryable: false, advice: 'RDS refuses it.' };
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const fields = typeof metadata === 'object' && metadata !== null ? metadata : {};
  return 'httpStatusCode' in fields && typeof fields.httpStatusCode === 'number'
    ? fields.httpStatusCode
    : undefined;
}
