import { z } from 'zod';
import { storeLocationSchema } from './project.ts';
import { bytesSchema, sha256Schema } from './values.ts';

/** What a dump made elsewhere is: SQL, plain or compressed, or an archive of `pg_dump` (its custom or tar format). */
export const dumpFormatSchema = z.enum(['plain', 'gzip', 'zstd', 'custom', 'tar']);
export type DumpFormat = z.infer<typeof dumpFormatSchema>;

/** A dump and a library made elsewhere, where the provider finds them: for the local one, files of this machine. */
export const uploadSchema = z
  .object({
    dump: z.object({ path: z.string().min(1), format: dumpFormatSchema }).optional(),
    /** A folder is read in place; a tar archive (also compressed) is unpacked first. */
    library: z
      .union([z.object({ location: storeLocationSchema }), z.object({ archive: z.string().min(1) })])
      .optional(),
  })
  .refine(
    ({ dump, library }) => dump !== undefined || library !== undefined,
    'names neither dump nor library',
  );
export type Upload = z.infer<typeof uploadSchema>;

const uploadedFileSchema = z.object({ name: z.string(), bytes: bytesSchema, sha256: sha256Schema });

/** What an uploaded backup was made from, for its manifest: names of files, never where they lay. */
export const uploadedSchema = z.object({
  dump: uploadedFileSchema.extend({ format: dumpFormatSchema }).optional(),
  library: z
    .union([
      uploadedFileSchema.extend({ kind: z.literal('archive') }),
      z.object({ kind: z.literal('folder'), name: z.string() }),
    ])
    .optional(),
  /** What of the dump was left out because it concerns the server that it comes from, one sentence each. */
  notices: z.array(z.string()),
});
export type Uploaded = z.infer<typeof uploadedSchema>;
