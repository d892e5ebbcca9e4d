import type { Resource, Resources } from './cloudformation.ts';

/** The ledger only grows; memory forgets what has expired. On stage `prod` both outlive the stack. */
export const tables = (stage: string): Resources => ({
  LedgerTable: table(stage, {}),
  MemoryTable: table(stage, { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } }),
});

function table(stage: string, more: Readonly<Record<string, unknown>>): Resource {
  const kept = stage === 'prod';
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: kept ? 'Retain' : 'Delete',
    UpdateReplacePolicy: kept ? 'Retain' : 'Delete',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      DeletionProtectionEnabled: kept,
      ...more,
    },
  };
}
