import type { UploadDescription } from './multipart-upload.ts';

/** What an object is described with, as headers of the request that writes it. */
export function descriptionHeaders(description: UploadDescription): Record<string, string | undefined> {
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } =
    description;
  const metadata = Object.entries(description.Metadata ?? {}).map(([name, value]) => [
    `x-amz-meta-${name}`,
    value,
  ]);
  return {
    'content-type': ContentType,
    'cache-control': CacheControl,
    'content-disposition': ContentDisposition,
    'content-encoding': ContentEncoding,
    'content-language': ContentLanguage,
    expires: Expires?.toUTCString(),
    'x-amz-tagging': description.Tagging,
    ...Object.fromEntries(metadata),
  };
}
