/** A Systems Manager parameter. */
export interface Parameter {
  readonly name: string;
  readonly type: 'String' | 'StringList' | 'SecureString';
  readonly value: string;
  readonly version: number;
  /** Epoch seconds. */
  readonly modifiedAt: number;
}
