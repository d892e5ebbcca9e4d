/** Who am I, and who may I be: roles of other accounts are assumed with their external id. */
import type { AssumeRoleRequest, AssumeRoleResponse, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';

export const sts: Readonly<Record<string, Operation>> = {
  // CloudTrail counts it as a read, and hands EventBridge only what writes.
  AssumeRole: reads(assumeRole),
  GetCallerIdentity: reads(
    (_input: object, { world }: Call): GetCallerIdentityResponse => ({
      UserId: 'AROAVIRTUALCLOUDROLE:virtual',
      Account: world.account,
      Arn: `arn:aws:sts::${world.account}:assumed-role/virtual/virtual`,
    }),
  ),
};

/** The SDK judges by the machine's own clock, which is not ours, whether credentials are still good: so they are, for ever. */
const NEVER = new Date('2999-01-01T00:00:00Z');

function assumeRole(input: AssumeRoleRequest, { world }: Call): AssumeRoleResponse {
  const { RoleArn = '', ExternalId, RoleSessionName: session = '', DurationSeconds = 3600 } = input;
  if (DurationSeconds < 900 || DurationSeconds > 43_200)
    throw new ServiceError('ValidationError', `DurationSeconds ${DurationSeconds} is not between 900 and 43200.`);
  const role = world.roles.get(RoleArn);
  if (role === undefined || (role.externalId !== null && role.externalId !== ExternalId)) {
    throw new ServiceError(
      'AccessDenied',
      `User: arn:aws:sts::${world.account}:assumed-role/virtual/virtual is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      403,
    );
  }
  const AccessKeyId = `ASIA${world.ids.resource('session').slice(-16).toUpperCase()}`;
  world.sessions.set(AccessKeyId, role.world);
  const name = RoleArn.split('/').at(-1) ?? '';
  return {
    Credentials: { AccessKeyId, SecretAccessKey: 'virtual', SessionToken: 'virtual', Expiration: NEVER },
    AssumedRoleUser: {
      AssumedRoleId: `AROAVIRTUALCLOUDROLE:${session}`,
      Arn: `arn:aws:sts::${role.world.account}:assumed-role/${name}/${session}`,
    },
  };
}
