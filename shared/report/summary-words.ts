/** A summary in words: each phrase once, for the terminal and for Slack. */
import type { Line } from '../ledger/statement.ts';
import type { SavingClass } from '../model/ledger.ts';
import { dollars } from '../model/money.ts';
import type { ActionKind, Change, Saving } from '../model/plan.ts';
import { DAY, HOUR, lengthSeconds } from '../model/time.ts';
import { hoursPhrase, range, savingPhrase } from './amounts.ts';
import type { Failure } from './happenings.ts';
import { count, hours } from './numbers.ts';
import { named, plain, plainList } from './plain.ts';
import { actionPhrase, clause, lossPhrase } from './sentences.ts';
import type { LeftGroup, Summary } from './summary.ts';
import { clock, days } from './when.ts';

/** A bold beginning and what follows it. */
export type Item = readonly [bold: string, rest: string];

export function title({ window, scopes, audience }: Summary, zone: string): string {
  return `EC2 savings · ${days(window, zone)}${whose(audience) ?? where(scopes)}`;
}

function whose(audience: Summary['audience']): string | null {
  if (audience === null) return null;
  return 'team' in audience ? ` · team ${plain(audience.team)}` : ' · what is yours';
}

function where(scopes: Summary['scopes']): string {
  const accounts = [...new Set(scopes.map(scope => scope.account))];
  if (accounts.length === 0) return '';
  return ` · ${accounts.length === 1 ? `account ${accounts[0]}` : count(accounts.length, 'account')}`;
}

/** Nothing ran on a meter, nothing was done or proposed, and nobody did anything: one line a week is enough. */
export const isQuiet = ({ total, done, proposed, failures, people, unsettled, corrections }: Summary): boolean =>
  total.meters === 0 &&
  failures.length === 0 &&
  unsettled === 0 &&
  [done, proposed, people, corrections].every(counts => Object.values(counts).every(n => n === 0));

/** `at least $12.30 saved (up to $41.00), 310 h avoided`: the low bound is the headline. */
export function headline({ total, net, failures }: Summary): string {
  const failed = failures.reduce((n, failure) => n + failure.times, 0);
  return `${worth(net)}, ${hours(total.avoidedSeconds / HOUR)} avoided${failed === 0 ? '' : `, ${count(failed, 'failure')}`}`;
}

function worth(net: Summary['net']): string {
  if (net === null) return 'savings of unknown worth';
  const { least, range: between } = net;
  const most = between.high;
  if (least === most) return least < 0 ? `${dollars(least)} net` : `${dollars(least)} saved`;
  return least < 0 ? `${range({ low: least, high: most })} net` : `at least ${dollars(least)} saved (up to ${dollars(most)})`;
}

export function figures(summary: Summary): (readonly [label: string, value: string])[] {
  const { total, before, net, ownCost, audience } = summary;
  const unknown = (total.unpricedSeconds + total.asleepSeconds) / HOUR;
  return [
    ...moneyFigures(net),
    ['Instance-hours avoided', `${hours(total.avoidedSeconds / HOUR)}${total.avoidedSeconds < 0 ? ' (more ran than before us)' : ''}`],
    ...(unknown === 0 ? [] : [['Of unknown worth', hours(unknown)] as const]),
    ...(audience === null ? [['Our own cost', ownCost === null ? 'not on record' : costWords(ownCost, summary)] as const] : []),
    ...(before.meters === 0 ? [] : [[beforeLabel(summary), lineWorth(before)] as const]),
  ];
}

/** `$0.87, subtracted`, `$0.87 of 5 days, subtracted` where the others are not on record. */
function costWords({ cost, days: known }: NonNullable<Summary['ownCost']>, { window }: Summary): string {
  const whole = known >= Math.round(lengthSeconds(window) / DAY);
  return `${dollars(cost)}${whole ? '' : ` of ${count(known, 'day')}`}, subtracted`;
}

/** `The day before`, `The week before`, `The 30 days before`. */
function beforeLabel({ window }: Summary): string {
  const length = Math.round(lengthSeconds(window) / DAY);
  return length <= 1 ? 'The day before' : length === 7 ? 'The week before' : `The ${length} days before`;
}

function moneyFigures(net: Summary['net']): (readonly [string, string])[] {
  if (net === null) return [['Saved', 'unknown, see the hours']];
  const { least, range: between } = net;
  if (least === between.high) return [[least < 0 ? 'Net' : 'Saved, net', dollars(least)]];
  return [
    [least < 0 ? 'Net, at least' : 'Saved, at least', dollars(least)],
    [least < 0 ? 'Net, at most' : 'At most', dollars(between.high)],
  ];
}

/** `$1.20 to $4.20, 62 h`, `62 h of unknown worth`. */
function lineWorth({ money, avoidedSeconds, asleepSeconds, unpricedSeconds }: Line): string {
  const unknown = hours((asleepSeconds + unpricedSeconds) / HOUR);
  if (money === null) return `${unknown} of unknown worth`;
  const known = `${range(money.total)}, ${hours((avoidedSeconds - unpricedSeconds) / HOUR)}`;
  return asleepSeconds + unpricedSeconds === 0 ? known : `${known}, and ${unknown} of unknown worth`;
}

export const isWeekly = ({ window }: Summary): boolean => lengthSeconds(window) > 2 * DAY;

export const classItems = (summary: Summary): Item[] => summary.byClass.map(line => [`${CLASSES[line.class]}: `, lineWorth(line)]);
export const policyItems = (summary: Summary): Item[] => summary.byPolicy.map(line => [`${plain(line.policy)}: `, lineWorth(line)]);
/** Teams, or owners where there is no team; what is nobody's has a line of its own. An arrow says how it stands to a usual week. */
export const teamItems = ({ byTeam, audience }: Summary): Item[] =>
  audience !== null
    ? []
    : byTeam.map(line => [
        `${line.team === null ? 'unattributed' : plain(line.team)}${line.trend === null ? '' : ` ${ARROWS[line.trend]}`}: `,
        lineWorth(line),
      ]);

const ARROWS = { up: '↗', down: '↘', level: '→' } as const;

export const CLASSES: Readonly<Record<SavingClass, string>> = {
  schedule: 'Off-hours',
  'idle-stop': 'Idle instances',
  tags: 'Untagged instances',
  rightsize: 'Smaller types',
  'scale-in': 'Fleets',
};

export const failureItems = ({ failures }: Summary): Item[] => failures.map(failureItem);

function failureItem({ resource, action, times, why, owner }: Failure): Item {
  const whose = owner === null ? '' : ` (owner ${plain(owner)})`;
  return [
    named(resource),
    `: ${FAILED[action]}${times === 1 ? '' : ` ${times} times`}: ${why === null ? 'no cause given' : plain(why, 160)}${whose}`,
  ];
}

const FAILED: Readonly<Record<ActionKind, string>> = {
  'start-instance': 'start failed',
  'stop-instance': 'stop failed',
  'modify-instance-type': 'changing its type failed',
  'set-desired-capacity': 'resize failed',
  'set-min-size': 'changing MinSize failed',
  'set-sizes': 'resize for its hours failed',
  'set-environment-min-size': 'changing MinSize failed',
  'pause-environment': 'setting a pause failed',
  'resume-environment': 'ending a pause failed',
  'create-tags': 'tagging failed',
  'delete-tags': 'clearing a mark failed',
  'replace-tags': 'tagging failed',
  'tag-group': 'tagging failed',
  'tag-environment': 'tagging failed',
};

/** `stopped 12, started 10, resized 31 times (18 out, 13 in)`; empty when nothing was changed. */
export function changedPhrase({ done, scaledOut, scaledIn, unsettled }: Summary): string {
  const resized = done['set-desired-capacity'] ?? 0;
  return [
    part(done['stop-instance'], n => `stopped ${n}`),
    part(done['start-instance'], n => `started ${n}`),
    part(resized, n => `resized ${n === 1 ? 'once' : `${n} times`} (${scaledOut} out, ${scaledIn} in)`),
    part(floors(done), n => `set ${count(n, 'floor')}`),
    part(done['set-sizes'], n => `${count(n, 'fleet')} put to sleep or brought back`),
    part(done['pause-environment'], n => `paused ${count(n, 'environment')}`),
    part(done['resume-environment'], n => `ended ${count(n, 'pause')}`),
    part(done['modify-instance-type'], n => `changed ${count(n, 'type')}`),
    part(tagged(done), n => `tagged ${n}`),
    part(done['delete-tags'], n => `cleared ${count(n, 'mark')}`),
    part(unsettled, n => `${count(n, 'answer')} still being looked up`),
  ]
    .flat()
    .join(', ');
}

export function frictionItems({ boomerangs, failedStarts }: Summary): Item[] {
  return [
    ...boomerangs.map(({ resource, minutes }): Item => [named(resource), `: wanted back ${count(minutes, 'minute')} after we stopped it`]),
    ...(failedStarts === 0 ? [] : [[count(failedStarts, 'start'), ' failed or never arrived'] as const]),
  ];
}

export const peoplePhrase = ({ people }: Summary): string =>
  [part(people.started, n => `started ${n}`), part(people.stopped, n => `stopped ${n}`), part(people.terminated, n => `terminated ${n}`)]
    .flat()
    .join(', ');

/** What mode `plan` would have done; empty when nothing is in that mode or nothing fell due. */
export function proposedPhrase({ proposed, proposedBy }: Summary): string {
  const would = [
    part(proposed['stop-instance'], n => `stop ${n}`),
    part(proposed['start-instance'], n => `start ${n}`),
    part(proposed['set-desired-capacity'], n => `resize ${n === 1 ? 'once' : `${n} times`}`),
    part(floors(proposed), n => `set ${count(n, 'floor')}`),
    part(proposed['set-sizes'], n => `resize ${count(n, 'fleet')} for off-hours`),
    part(proposed['pause-environment'], n => `pause ${count(n, 'environment')}`),
    part(proposed['resume-environment'], n => `end ${count(n, 'pause')}`),
    part(proposed['modify-instance-type'], n => `change ${count(n, 'type')}`),
    part(tagged(proposed), n => `tag ${n}`),
    part(proposed['delete-tags'], n => `clear ${count(n, 'mark')}`),
  ].flat();
  if (would.length === 0) return '';
  return `would ${would.join(', ')} (${plainList(proposedBy.map(by => by.policy))}; counted as $0)`;
}

/** What mode `plan` would do and nobody has done: the fact, what it is worth, and whether it can be taken back. */
export const proposalItems = ({ proposals }: Summary, zone: string): Item[] => proposals.map(change => proposalItem(change, zone));

function proposalItem({ action, expects, resource, because, saving, losing }: Change, zone: string): Item {
  const worth = saving === null ? '' : ` · ${savingWords(saving)}`;
  const lost = losing.length === 0 ? 'reversible' : losing.map(lossPhrase).join(', ');
  return [`${actionPhrase(action, expects)} ${named(resource)}`, `${worth} · ${lost} · ${clause(because, zone)}`];
}

const savingWords = ({ money, hours: fewer }: Saving): string =>
  money === null ? `${hoursPhrase(fewer)}, worth unknown` : `${savingPhrase(money)}${fewer === 0 ? '' : ` (${hoursPhrase(fewer)})`}`;

/** `9 stopped instances cost on: EBS 900 GiB $38.10 a week, 2 Elastic IPs $1.68 a week`; empty where nothing is stopped. */
export function stillPhrase({ still }: Summary): string {
  if (still === null || still.machines === 0) return '';
  const { machines, unread, gib, disksPerWeek, unpriced, elasticIps, addressesPerWeek, sources } = still;
  const disks = gib === 0 ? [] : [`${gib.toLocaleString('en-US')} GiB of EBS ${dollars(disksPerWeek)} a week`];
  const said = [
    ...disks,
    ...part(unpriced, n => `${count(n, 'volume')} at a price that is not known`),
    ...part(elasticIps, n => `${count(n, 'Elastic IP')} ${dollars(addressesPerWeek)} a week`),
    ...part(unread, n => `what stays of ${n} could not be read`),
  ];
  const from = sources.length === 0 ? '' : ` (${plainList(sources)})`;
  return `${count(machines, 'stopped instance')}: ${said.length === 0 ? 'nothing stays behind' : said.join(', ')}${from}; in no saving above`;
}

/** One line a reason: `6 in use`, and the first of them with its evidence. */
export const leftItems = ({ left }: Summary, zone: string): Item[] => left.map(group => leftItem(group, zone));

function leftItem({ code, count: n, examples }: LeftGroup, zone: string): Item {
  const [first] = examples;
  const heading = `${n} ${code.replaceAll('-', ' ')}`;
  if (first === undefined) return [heading, ''];
  return [heading, ` · ${n === 1 ? '' : 'such as '}${plain(first.resource.name ?? first.resource.id)}: ${clause(first.because, zone)}`];
}

/** Why these numbers: baseline, prices, bounds, and what is not in them. */
export function provenance({ total, baselines, corrections, priceSources, at }: Summary, zone: string): string {
  const { measured, declared, unknown } = baselines;
  const all = measured + declared + unknown;
  const against = `${measured} of ${count(all, 'meter')} against the weeks measured before enrolment`;
  const others = [
    ...(declared === 0 ? [] : [`${declared} against what was declared`]),
    ...(unknown === 0 ? [] : ['the others show hours only']),
  ];
  return [
    ...(all === 0 ? [] : [`Baseline: ${[against, ...others].join('; ')}.`]),
    ...gradeMix(total.grades),
    ...correctionWords(corrections),
    ...(priceSources.length === 0 ? [] : [`Prices: ${plainList(priceSources)}.`]),
    ...(total.grades.C === 0 ? [] : ['The low end counts nothing that a Savings Plan or Reserved Instance may have paid for already.']),
    `As of ${clock(zone)(at)}.`,
  ].join(' ');
}

const tagged = (counts: Summary['done']): number =>
  (counts['create-tags'] ?? 0) + (counts['replace-tags'] ?? 0) + (counts['tag-group'] ?? 0) + (counts['tag-environment'] ?? 0);
/** `Grades: 3 A (on the bill), 12 B (measured), 2 C (a commitment may have paid).` */
function gradeMix(grades: Line['grades']): string[] {
  const said = [
    part(grades.A, n => `${n} A (verified on the bill)`),
    part(grades.B, n => `${n} B (measured, price and coverage known)`),
    part(grades.C, n => `${n} C (declared, or a commitment may have paid)`),
    part(grades['hours-only'], n => `${n} of hours only`),
  ].flat();
  return said.length === 0 ? [] : [`Grades: ${said.join(', ')}.`];
}

function correctionWords({ verified, adjusted, reversed }: Summary['corrections']): string[] {
  const said = [part(verified, n => `verified ${n}`), part(adjusted, n => `adjusted ${n}`), part(reversed, n => `reversed ${n}`)].flat();
  return said.length === 0 ? [] : [`Since then the bill has ${said.join(', ')} of the claims before: these figures have it in them.`];
}

const floors = (counts: Summary['done']): number => (counts['set-min-size'] ?? 0) + (counts['set-environment-min-size'] ?? 0);

const part = (n: number | undefined, say: (n: number) => string): string[] => (n === undefined || n === 0 ? [] : [say(n)]);
