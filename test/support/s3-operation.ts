import type { IncomingHttpHeaders } from 'node:http';

export type S3Operation =
  | 'ListObjectsV2'
  | 'ListObjectVersions'
  | 'GetBucketVersioning'
  | 'HeadObject'
  | 'GetObject'
  | 'GetObjectTagging'
  | 'PutObject'
  | 'CopyObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'Other';

/** Which operation a request of the path style is. */
export function operationOf(method: string, url: URL, headers: IncomingHttpHeaders): S3Operation {
  const has = (name: string) => url.searchParams.has(name);
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  const isObject = url.pathname.split('/').slice(2).join('/') !== '';
  if (!isObject) {
    if (method === 'POST' && has('delete')) return 'DeleteObjects';
    if (method === 'GET' && has('versions')) return 'ListObjectVersions';
    if (method === 'GET' && has('versioning')) return 'GetBucketVersioning';
    return method === 'GET' && has('list-type') ? 'ListObjectsV2' : 'Other';
  }
  switch (method) {
    case 'HEAD':
      return 'HeadObject';
    case 'GET':
      return has('tagging') ? 'GetObjectTagging' : has('uploadId') ? 'Other' : 'GetObject';
    case 'PUT':
      if (has('uploadId')) return isCopy ? 'UploadPartCopy' : 'UploadPart';
      return has('tagging') ? 'Other' : isCopy ? 'CopyObject' : 'PutObject';
    case 'POST':
      return has('uploads') ? 'CreateMultipartUpload' : has('uploadId') ? 'CompleteMultipartUpload' : 'Other';
    case 'DELETE':
      return has('uploadId') ? 'AbortMultipartUpload' : has('tagging') ? 'Other' : 'DeleteObject';
    default:
      return 'Other';
  }
}
