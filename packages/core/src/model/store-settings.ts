import { z } from 'zod';
import { secretRefSchema } from './secret-ref.ts';

/** Bytes of a part, as S3 allows them. */
const partBytes = z
  .number()
  .int()
  .min(5 * 2 ** 20)
  .max(5 * 2 ** 30);

const s3Location = z.string().superRefine((value, context) => {
  const problem = s3LocationProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** How the buckets below a location are reached. Secrets by reference only, so that jobs may be told it. */
export const storeSettingsSchema = z.strictObject({
  /** `s3://bucket` or `s3://bucket/prefix`: counts for every location that is it or lies below. The longest one that fits counts. */
  location: s3Location.transform((location) => location.replace(/\/+$/, '')),
  /** `https://s3.example.com`; absent for Amazon's own. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: z.string().min(1).optional(),
  /** The bucket in the path instead of in the host's name. By default where there is an endpoint. */
  pathStyle: z.boolean().optional(),
  accessKeyId: secretRefSchema.optional(),
  secretAccessKey: secretRefSchema.optional(),
  sessionToken: secretRefSchema.optional(),
  /** An object larger than this is written in parts. */
  multipartThreshold: z.number().int().positive().optional(),
  partSize: partBytes.optional(),
  /** Requests at once, at most. */
  requestsAtOnce: z.number().int().positive().max(1000).optional(),
});
export type StoreSettings = z.infer<typeof storeSettingsSchema>;

/** Characters of a prefix that mean the same in a URL and in a key; see the key naming guidelines of S3. */
const prefixCharacters = /^[A-Za-z0-9!\-_.*'()/=@,+:&$;~]*$/;

/** What is wrong with an `s3://` location, to follow the field's name; `undefined` when nothing is. */
export function s3LocationProblem(value: string): string | undefined {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/*(.*)$/s.exec(value) ?? [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    return 'must look like s3://bucket or s3://bucket/prefix; a bucket has 3 to 63 lower-case letters, digits, dots and hyphens';
  }
  if (!prefixCharacters.test(prefix)) {
    return "has a prefix with characters that a URL writes in another way; use letters, digits and !-_.*'()=@,+:&$;~";
  }
  const segments = prefix.replace(/\/+$/, '').split('/');
  const isAmbiguous = prefix !== '' && segments.some((segment) => ['', '.', '..'].includes(segment));
  return isAmbiguous ? 'has an empty segment, `.` or `..` in its prefix' : undefined;
}

/** The settings that count for a location, if there are any. */
export function settingsFor(stores: readonly StoreSettings[], location: string): StoreSettings | undefined {
  return stores
    .filter((store) => `${location}/`.startsWith(`${store.location}/`))
    .reduce<StoreSettings | undefined>(
      (best, store) => (best === undefined || store.location.length > best.location.length ? store : best),
      undefined,
    );
}
