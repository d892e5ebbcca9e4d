/** `ebb alarms`: the alarms that policies need, and on request made, changed, or removed. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { speakerFor } from '../../shared/decide/speaker.ts';
import { type Scope, scopeKey } from '../../shared/model/ids.ts';
import { describeGroups } from '../../shared/observe/fleets.ts';
import { policiesOf } from '../../shared/policy/match.ts';
import { suggestion } from '../../shared/policy/suggest.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { scopesOf } from '../../shared/runtime/doorbells.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { accountFor } from '../../shared/runtime/run.ts';
import { alarmsText, cloudFormation, doneText, type Offer } from '../alarms/show.ts';
import { compare, create, type Done, prune, type ScopeOfAlarms } from '../alarms/standing.ts';
import { type AlarmWanted, alarmsWanted, type WithoutAlarm } from '../alarms/wanted.ts';
import { EXIT, Refusal } from '../exit.ts';
import type { Account } from '../look.ts';
import { progress } from '../progress.ts';
import { type AwsOptions, useAws, withAwsOptions } from '../real-aws.ts';
import { pageWidth } from '../view.ts';

interface AlarmsOptions extends AwsOptions {
  readonly policy?: string;
  readonly create?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly cloudformation?: boolean;
}

export const alarms = (program: Command): Command =>
  withAwsOptions(program.command('alarms'))
    .description('print the CloudWatch alarms that ring for fleets, and with --create make them')
    .option('--policy <name>', 'only those of one policy')
    .option('--create', 'make what is missing and change what is different, after asking')
    .option('--prune', 'remove those of ours that no policy needs any more, after asking')
    .option('--yes', 'do not ask')
    .option('--json', 'print them as PutMetricAlarm takes them, or what was done')
    .option('--cloudformation', 'print them as Resources of a CloudFormation template')
    .action(async (options: AlarmsOptions) => {
      checked(options);
      const account = await useAws(options);
      knownPolicy(account, options.policy);
      const busy = progress();
      const offered = await offer(account, options.policy, busy.say).finally(busy.done);
      const { scopes } = offered;
      if (options.create !== true && options.prune !== true) {
        process.stdout.write(printed(offered, options));
        return;
      }
      if (!(options.json && options.yes)) process.stderr.write(alarmsText(offered, pageWidth()));
      await confirmed(scopes, options);
      const done = await carriedOut(scopes, options);
      process.stdout.write(options.json ? `${JSON.stringify(done, null, 2)}\n` : doneText(done));
      if (done.some(({ failed }) => failed !== null)) process.exitCode = EXIT.failed;
    });

/** Every group that a policy speaks for, in every scope, beside the alarms that are there. Nothing is written. */
export async function offer(account: Account, policy: string | undefined, say: (what: string) => void = () => {}): Promise<Offer> {
  const without: WithoutAlarm[] = [];
  const scopes: ScopeOfAlarms[] = [];
  for (const scope of scopesOf(account.config, account.account)) {
    say(`${scopeKey(scope)}: Auto Scaling groups and alarms …`);
    const { role, externalId } = accountFor(account.config, scope, account.account);
    const clients = clientsFor({ region: scope.region, role, externalId });
    const all = await needed(account, scope, clients, policy);
    without.push(...all.filter(one => 'why' in one));
    const wanted = all.filter((one): one is AlarmWanted => 'input' in one);
    scopes.push(await compare({ scope, clients }, wanted, { stage: account.config.stage, ...(policy !== undefined && { only: policy }) }));
  }
  const region = outside().environment['AWS_REGION'] ?? account.config.accounts[0]?.regions[0] ?? ''; // --region moves where it looks only
  return { scopes, without, home: { account: account.account, region } };
}

async function needed({ config }: Account, scope: Scope, clients: ScopeOfAlarms['clients'], only: string | undefined) {
  const groups = await describeGroups(clients, scope);
  const byName = groups.toSorted((a, b) => (a.fleet.group < b.fleet.group ? -1 : 1));
  return byName.flatMap(({ fleet }) => {
    const { policy, gate } = speakerFor(config.policies, 'fleets', fleet);
    if (policy === null || gate !== null || (only !== undefined && policy.name !== only)) return [];
    return fleet.beanstalk !== null && !policy.beanstalk ? [] : alarmsWanted(fleet, policy, config.stage);
  });
}

/** What was asked for, scope by scope. */
export async function carriedOut(scopes: readonly ScopeOfAlarms[], asked: Pick<AlarmsOptions, 'create' | 'prune'>): Promise<Done[]> {
  const done: Done[] = [];
  for (const scope of scopes) {
    if (asked.create === true) done.push(...(await create(scope)));
    if (asked.prune === true) done.push(...(await prune(scope)));
  }
  return done;
}

function checked(options: AlarmsOptions): void {
  if (options.json && options.cloudformation) throw new Refusal('--json and --cloudformation are two forms of one answer; choose one');
  const acts = options.create === true || options.prune === true;
  if (acts && options.cloudformation) throw new Refusal('--cloudformation prints what a stack would make; leave --create and --prune out');
  if (acts && !options.yes && !process.stdin.isTTY) throw new Refusal('nobody is there to ask; look at the alarms and add --yes');
}

function knownPolicy({ config }: Account, name: string | undefined): void {
  const names = policiesOf(config.policies, 'fleets').map(policy => policy.name);
  if (name === undefined || names.includes(name)) return;
  throw new Refusal(`--policy: there is no policy of fleets called "${name}"; ${suggestion(name, names, 'see policies/*.yml')}`);
}

function printed(offered: Offer, { json, cloudformation }: AlarmsOptions): string {
  const { scopes, without } = offered;
  if (cloudformation) return cloudFormation(scopes.flatMap(s => s.wanted.map(({ input }) => input)));
  if (!json) return alarmsText(offered, pageWidth());
  const values = scopes.map(({ scope, wanted, orphans }) => ({
    scope,
    alarms: wanted.map(({ policy, group, rings, standing, input }) => ({ policy, group, rings, standing, input })),
    orphans,
  }));
  return `${JSON.stringify({ scopes: values, without }, null, 2)}\n`;
}

async function confirmed(scopes: readonly ScopeOfAlarms[], { create, prune, yes }: AlarmsOptions): Promise<void> {
  const made = create ? scopes.flatMap(s => s.wanted).filter(({ standing }) => standing !== 'as it should be').length : 0;
  const removed = prune ? scopes.flatMap(s => s.orphans).length : 0;
  if (yes || made + removed === 0) return;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`\nMake or change ${made} and remove ${removed}? [y/N] `);
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('nothing was changed');
}
