/** S3 as far as the house could want it: objects put and read, with conditions. Bodies are texts and bytes, no streams. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type {
  DeleteObjectRequest,
  GetObjectCommandInput,
  HeadObjectRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
  PutObjectCommandInput,
  PutObjectOutput,
} from '@aws-sdk/client-s3';
import type { StoredObject } from '../world/objects.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';
import { page } from './page.ts';

export const s3: Readonly<Record<string, Operation>> = {
  PutObject: writes(putObject), // data events: CloudTrail does not hand them to EventBridge
  GetObject: reads(getObject),
  HeadObject: reads(headObject),
  DeleteObject: writes(deleteObject),
  ListObjectsV2: reads(listObjects),
};

function bucketOf({ region }: Call, name: string | undefined): Map<string, StoredObject> {
  const bucket = region.buckets.get(name ?? '');
  if (bucket === undefined) throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  return bucket;
}

function putObject(input: PutObjectCommandInput, call: Call): PutObjectOutput {
  const bucket = bucketOf(call, input.Bucket);
  const { Key: key = '', Body: body = '' } = input;
  const before = bucket.get(key);
  const unmet = (input.IfNoneMatch === '*' && before !== undefined) || (input.IfMatch !== undefined && before?.etag !== input.IfMatch);
  if (unmet) throw new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) throw new NotInVirtualCloud('s3 PutObject of a stream');
  const bytes = Uint8Array.from(typeof body === 'string' ? Buffer.from(body) : body);
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  bucket.set(key, { bytes, etag, contentType: input.ContentType ?? 'application/octet-stream', modifiedAt: call.world.clock.second() });
  call.changed.push(`${input.Bucket}/${key}`);
  return { ETag: etag };
}

function found(input: Pick<GetObjectCommandInput, 'Bucket' | 'Key' | 'IfNoneMatch' | 'IfMatch'>, call: Call): StoredObject {
  const object = bucketOf(call, input.Bucket).get(input.Key ?? '');
  if (object === undefined) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  if (input.IfNoneMatch === object.etag) throw new ServiceError('NotModified', 'Not Modified', 304);
  if (input.IfMatch !== undefined && input.IfMatch !== object.etag)
    throw new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  return object;
}

const described = ({ bytes, etag, contentType, modifiedAt }: StoredObject) => ({
  ETag: etag,
  ContentLength: bytes.length,
  ContentType: contentType,
  LastModified: new Date(modifiedAt * 1000),
});

function getObject(input: GetObjectCommandInput, call: Call): object {
  const object = found(input, call);
  const { bytes } = object;
  const Body = Object.assign(Readable.from([bytes]), {
    transformToByteArray: async () => bytes,
    transformToString: async (encoding: BufferEncoding = 'utf8') => Buffer.from(bytes).toString(encoding),
  });
  return { ...described(object), Body };
}

function headObject(input: HeadObjectRequest, call: Call): object {
  try {
    return described(found(input, call));
  } catch (error) {
    // A HEAD has no body, so the SDK knows the status alone.
    throw error instanceof ServiceError && error.name === 'NoSuchKey' ? new ServiceError('NotFound', 'UnknownError', 404) : error;
  }
}

function deleteObject(input: DeleteObjectRequest, call: Call): Record<string, never> {
  if (bucketOf(call, input.Bucket).delete(input.Key ?? '')) call.changed.push(`${input.Bucket}/${input.Key}`);
  return {};
}

function listObjects(input: ListObjectsV2Request, call: Call): ListObjectsV2Output {
  const bucket = bucketOf(call, input.Bucket);
  const { Prefix = '', MaxKeys = 1000 } = input;
  if (input.Delimiter !== undefined) throw new NotInVirtualCloud('s3 ListObjectsV2 with a delimiter');
  const keys = [...bucket.keys()].filter(key => key.startsWith(Prefix)).toSorted();
  const badToken = () => new ServiceError('InvalidArgument', 'The continuation token provided is incorrect');
  const { items, next } = page(keys, Math.min(MaxKeys, 1000), input.ContinuationToken, badToken);
  return {
    Name: input.Bucket,
    Prefix,
    KeyCount: items.length,
    IsTruncated: next.NextToken !== undefined,
    ...(next.NextToken !== undefined && { NextContinuationToken: next.NextToken }),
    ...(items.length > 0 && {
      Contents: items.map(Key => {
        const { etag, bytes, modifiedAt } = bucket.get(Key) as StoredObject;
        return { Key, ETag: etag, Size: bytes.length, LastModified: new Date(modifiedAt * 1000), StorageClass: 'STANDARD' as const };
      }),
    }),
  };
}
