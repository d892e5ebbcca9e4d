/** A summary in words: each phrase once, for the terminal and for Slack. */
import type { Line } from '../ledger/statement.ts';
import type { SavingClass } from '../model/ledger.ts';
import type { ActionKind } from '../model/plan.ts';
import { DAY, HOUR, lengthSeconds } from '../model/time.ts';
import { range } from './amounts.ts';
import type { Failure } from './happenings.ts';
import { count, hours } from './numbers.ts';
import { named, plain, plainList } from './plain.ts';
import { clause } from './sentences.ts';
import type { LeftGroup, Summary } from './summary.ts';
import { clock, days } from './when.ts';

/** A bold beginning and what follows it. */
export type Item = readonly [bold: string, rest: string];

export function title({ window, scopes }: Summary, zone: string): string {
  const accounts = [...new Set(scopes.map(scope => scope.account))];
  const where = accounts.length === 0 ? '' : ` · ${accounts.length === 1 ? `account ${accounts[0]}` : count(accounts.length, 'account')}`;
  return `EC2 savings · ${days(window, zone)}${where}`;
}

/** Nothing ran on a meter, nothing was done or proposed, and nobody did anything: one line a week is enough. */
export const isQuiet = ({ total, done, proposed, failures, people, unsettled }: Summary): boolean =>
  total.meters === 0 &&
  failures.length === 0 &&
  unsettled === 0 &&
  [done, proposed, people].every(counts => Object.values(counts).every(n => n === 0));

/** `at least $12.30 saved (up to $41.00), 310 h avoided`: the low bound is the headline. */
export function headline({ total, failures }: Summary): string {
  const failed = failures.reduce((n, failure) => n + failure.times, 0);
  return `${worth(total)}, ${hours(total.avoidedSeconds / HOUR)} avoided${failed === 0 ? '' : `, ${count(failed, 'failure')}`}`;
}

function worth({ money }: Line): string {
  if (money === null) return 'savings of unknown worth';
  const { low, high } = money.total;
  if (low === high) return low < 0 ? `${range({ low, high })} net` : `${range({ low, high })} saved`;
  return low < 0 ? `${range({ low, high })} net` : `at least ${range({ low, high: low })} saved (up to ${range({ low: high, high })})`;
}

export function figures(summary: Summary): (readonly [label: string, value: string])[] {
  const { total, before } = summary;
  const unknown = (total.unpricedSeconds + total.asleepSeconds) / HOUR;
  return [
    ...moneyFigures(total),
    ['Instance-hours avoided', `${hours(total.avoidedSeconds / HOUR)}${total.avoidedSeconds < 0 ? ' (more ran than before us)' : ''}`],
    ...(unknown === 0 ? [] : [['Of unknown worth', hours(unknown)] as const]),
    ...(before.meters === 0 ? [] : [[isWeekly(summary) ? 'The week before' : 'The day before', lineWorth(before)] as const]),
  ];
}

function moneyFigures({ money }: Line): (readonly [string, string])[] {
  if (money === null) return [['Saved', 'unknown, see the hours']];
  const { low, high } = money.total;
  const [least, most] = [range({ low, high: low }), range({ low: high, high })];
  if (low === high) return [[low < 0 ? 'Net' : 'Saved, net', least]];
  return [
    [low < 0 ? 'Net, at least' : 'Saved, at least', least],
    [low < 0 ? 'Net, at most' : 'At most', most],
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
export const ownerItems = (summary: Summary): Item[] =>
  summary.byOwner.map(line => [`${line.owner === null ? 'without an owner' : plain(line.owner)}: `, lineWorth(line)]);

export const CLASSES: Readonly<Record<SavingClass, string>> = {
  schedule: 'Off-hours',
  'idle-stop': 'Idle instances',
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
    part(proposed['create-tags'], n => `tag ${n}`),
    part(proposed['delete-tags'], n => `clear ${count(n, 'mark')}`),
  ].flat();
  if (would.length === 0) return '';
  return `would ${would.join(', ')} (${plainList(proposedBy.map(by => by.policy))}; counted as $0)`;
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
export function provenance({ total, baselines, priceSources, asleep, at }: Summary, zone: string): string {
  const { measured, unknown } = baselines;
  const against = `${measured} of ${count(measured + unknown, 'meter')} against the weeks measured before enrolment`;
  return [
    ...(measured + unknown === 0 ? [] : [`Baseline: ${against}${unknown === 0 ? '' : '; the others show hours only'}.`]),
    ...(priceSources.length === 0 ? [] : [`Prices: ${plainList(priceSources)}.`]),
    ...(total.grades.C === 0 ? [] : ['The low end counts nothing that a Savings Plan or Reserved Instance may have paid for already.']),
    ...(asleep === 0
      ? []
      : [`EBS volumes and Elastic IPs of the ${count(asleep, 'sleeping instance')} cost on and are not in these figures.`]),
    `As of ${clock(zone)(at)}.`,
  ].join(' ');
}

const tagged = (counts: Summary['done']): number =>
  (counts['create-tags'] ?? 0) + (counts['replace-tags'] ?? 0) + (counts['tag-group'] ?? 0) + (counts['tag-environment'] ?? 0);
const floors = (counts: Summary['done']): number => (counts['set-min-size'] ?? 0) + (counts['set-environment-min-size'] ?? 0);

const part = (n: number | undefined, say: (n: number) => string): string[] => (n === undefined || n === 0 ? [] : [say(n)]);
