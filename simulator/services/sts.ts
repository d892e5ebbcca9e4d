/** Who am I? */
import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { type Call, type Operation, reads } from './operation.ts';

export const sts: Readonly<Record<string, Operation>> = {
  GetCallerIdentity: reads(
    (_input: object, { world }: Call): GetCallerIdentityResponse => ({
      UserId: 'AROAVIRTUALCLOUDROLE:virtual',
      Account: world.account,
      Arn: `arn:aws:sts::${world.account}:assumed-role/virtual/virtual`,
    }),
  ),
};
