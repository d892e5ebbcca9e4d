/** An object in a bucket of S3. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly contentType: string;
  /** Epoch seconds. */
  readonly modifiedAt: number;
}
