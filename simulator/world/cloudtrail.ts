/** Management events as CloudTrail hands them to EventBridge: only calls that write, and a minute or so late. */
import { instant } from '../../shared/model/time.ts';
import { publish } from './bus.ts';
import type { World } from './world.ts';

export interface TrailCall {
  readonly region: string;
  /** `ec2.amazonaws.com`. */
  readonly eventSource: string;
  readonly eventName: string;
  readonly userIdentity: unknown;
  readonly userAgent: string;
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
  readonly requestId: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export function trailEvent(world: World, call: TrailCall): void {
  const failed = call.error === null ? {} : { errorCode: call.error.code, errorMessage: call.error.message };
  publish(
    world,
    call.region,
    {
      detailType: 'AWS API Call via CloudTrail',
      source: `aws.${call.eventSource.split('.')[0]}`,
      resources: [],
      detail: {
        eventVersion: '1.10',
        userIdentity: call.userIdentity,
        eventTime: instant(world.clock.now() * 1000),
        eventSource: call.eventSource,
        eventName: call.eventName,
        awsRegion: call.region,
        sourceIPAddress: '203.0.113.7',
        userAgent: call.userAgent,
        ...failed,
        requestParameters: call.requestParameters,
        responseElements: call.responseElements,
        requestID: call.requestId,
        eventID: world.ids.uuid('trail'),
        readOnly: false,
        eventType: 'AwsApiCall',
        managementEvent: true,
        recipientAccountId: world.account,
        eventCategory: 'Management',
      },
    },
    world.ids.seconds('trail', 40, 90),
  );
}

/** Who stands behind a call: a function in its role, a person at the console, or whoever holds a client. */
export function identity(world: World, caller: string): unknown {
  if (caller === 'human') {
    return {
      type: 'IAMUser',
      principalId: 'AIDAVIRTUALCLOUDUSER',
      arn: `arn:aws:iam::${world.account}:user/developer`,
      accountId: world.account,
      userName: 'developer',
    };
  }
  if (caller.startsWith('human:')) return signedIn(world, caller.slice('human:'.length));
  const name = caller.replace(/^function:/, '');
  return {
    type: 'AssumedRole',
    principalId: `AROAVIRTUALCLOUDROLE:${name}`,
    arn: `arn:aws:sts::${world.account}:assumed-role/ebbtide-${name}/ebbtide-${name}`,
    accountId: world.account,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        arn: `arn:aws:iam::${world.account}:role/ebbtide-${name}`,
        accountId: world.account,
        userName: `ebbtide-${name}`,
      },
    },
  };
}

/** A session of IAM Identity Center: the role is AWS's, the session is called as whoever signed in. */
function signedIn({ account }: World, who: string): unknown {
  const role = 'AWSReservedSSO_PowerUser_0123456789abcdef';
  return {
    type: 'AssumedRole',
    principalId: `AROAVIRTUALCLOUDSSO:${who}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${who}`,
    accountId: account,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        arn: `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: { creationDate: '2025-05-14T06:00:00Z', mfaAuthenticated: 'false' },
    },
  };
}
