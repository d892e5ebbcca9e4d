import { expect, test } from '@jest/globals';
import { accountOf, clientsFor } from '../../shared/runtime/clients.ts';
import { outside, useOutside } from '../../shared/runtime/outside.ts';

/** A world in which STS answers, and EC2 tells what it was asked with. */
function world() {
  const made: string[] = [];
  const asked: object[] = [];
  const undo = useOutside({
    ...outside(),
    clientConfig: (service, region) => {
      made.push(`${service} ${region}`);
      return { credentials: { accessKeyId: 'own', secretAccessKey: 'own' } };
    },
    equip: client => {
      client.middlewareStack.add(
        // biome-ignore lint/suspicious/noExplicitAny: the commands of all services meet here
        () => async (args: any) => {
          asked.push(args.input);
          const Credentials = { AccessKeyId: 'theirs', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date('2100-01-01') };
          return { response: undefined, output: { $metadata: {}, Account: '123456789012', Credentials } };
        },
        { step: 'initialize' },
      );
      return client;
    },
  });
  return { made, asked, undo };
}

test('a client is made when it is first asked for, once for each world, region and role', async () => {
  const first = world();
  const here = clientsFor({ region: 'eu-west-1' });
  expect(first.made).toEqual([]);
  expect(await here.ec2()).toBe(await clientsFor({ region: 'eu-west-1' }).ec2());
  expect(await here.ec2()).not.toBe(await clientsFor({ region: 'us-east-1' }).ec2());
  expect(await here.ec2()).not.toBe(await clientsFor({ region: 'eu-west-1', role: 'arn:aws:iam::210987654321:role/ebb' }).ec2());
  expect(first.made).toEqual(['ec2 eu-west-1', 'ec2 us-east-1', 'ec2 eu-west-1']);
  first.undo();

  const second = world();
  expect(await clientsFor({ region: 'eu-west-1' }).ec2()).not.toBe(await here.ec2());
  second.undo();
});

test('the account is what STS says', async () => {
  const { undo } = world();
  expect(await accountOf(clientsFor({ region: 'eu-west-1' }))).toBe('123456789012');
  undo();
});

test('a role is assumed with its external id, through the same seam, and its credentials win over our own', async () => {
  const { asked, undo } = world();
  const ec2 = await clientsFor({ region: 'eu-west-1', role: 'arn:aws:iam::210987654321:role/ebb', externalId: 'tide' }).ec2();
  expect(asked).toEqual([]);
  expect(await ec2.config.credentials()).toMatchObject({ accessKeyId: 'theirs', sessionToken: 't' });
  expect(asked).toEqual([{ RoleArn: 'arn:aws:iam::210987654321:role/ebb', RoleSessionName: 'ebbtide', ExternalId: 'tide' }]);
  undo();
});

test('no call outlives a function: three attempts, each with an end', async () => {
  const { undo } = world();
  const { config } = await clientsFor({ region: 'eu-west-1' }).ec2();
  expect(await config.maxAttempts()).toBe(3);
  // The handler reads its own configuration on the first request only, so it is asked for it.
  const handler = config.requestHandler as unknown as { configProvider: Promise<object> };
  expect(await handler.configProvider).toMatchObject({ connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true });
  undo();
});
