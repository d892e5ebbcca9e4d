/** `npm run verify:aws` asks about everything a role needs, and writes nothing. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { PROBES } from '../../scripts/verify-probes.ts';
import { ACTIONS } from '../../shared/execute/actions.ts';
import { READS } from '../../shared/observe/permissions.ts';
import { moto } from '../support/moto.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

test('there is a probe for each read and each write of the pens', () => {
  const needed = [...Object.values(READS).flat(), ...Object.values(ACTIONS).flatMap(({ permissions }) => permissions)];
  expect(needed.filter(action => PROBES[action] === undefined)).toEqual([]);
});

test('against an account it answers line by line, and leaves the instances as they were', async () => {
  const server = await moto();
  if (server === null) return;
  try {
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    const ec2 = new EC2Client({ endpoint: server.url, region: 'eu-west-1', credentials });
    await ec2.send(new RunInstancesCommand({ ImageId: 'ami-12c6146b', InstanceType: 't3.micro', MinCount: 2, MaxCount: 2 }));

    const env = { ...process.env, AWS_ENDPOINT_URL: server.url, AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };
    const { stdout } = await run(process.execPath, ['scripts/verify-aws.ts', '--region', 'eu-west-1'], { cwd: ROOT, env });
    expect(stdout).not.toContain('denied');
    expect(stdout).toMatch(/ok +ec2:DescribeInstances +2 instances/);
    expect(stdout).toMatch(/ok +ec2:StopInstances +would be allowed on i-[0-9a-f]+ \(DryRun\)/);
    expect(stdout).toContain('Nothing was written.');

    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    const seen = Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State, Tags = [] }) => [State?.Name, Tags.length]);
    expect(seen).toEqual([
      ['running', 0],
      ['running', 0],
    ]);
  } finally {
    await server.stop();
  }
}, 120_000);
