/** What `ebb alarms` prints: a table for people, a snippet for a CloudFormation stack. */
import { fingerprint, type Scope, sameScope, scopeKey } from '../../shared/model/ids.ts';
import { paint, section, table, wrap } from '../../shared/report/text.ts';
import type { Done, ScopeOfAlarms } from './standing.ts';
import { type AlarmInput, billedMetrics, type WithoutAlarm } from './wanted.ts';

export interface Offer {
  readonly scopes: readonly ScopeOfAlarms[];
  readonly without: readonly WithoutAlarm[];
  readonly home: Scope;
}

/** us-east-1, standard resolution: $0.10 for each metric of an alarm and month (price list of CloudWatch, 2025). */
const CENTS_PER_METRIC = 10;

/** @param home where the functions stand: they hear the event bus of that account and region. */
export function alarmsText({ scopes, without, home }: Offer, width: number): string {
  const parts = scopes.flatMap(({ scope, wanted, orphans }) => [
    ...section(
      scopeKey(scope),
      table(
        [
          ...wanted.map(({ input, rings, standing }) => [marked(standing), input.AlarmName, rings]),
          ...orphans.map(({ name }) => [paint('yellow', 'orphan'), name, 'no policy needs it: --prune removes it']),
        ],
        { indent: '  ' },
      ) || '  no fleet of a policy is here',
    ),
  ]);
  const notes = without.map(({ group, signal, why }) => wrap(`${group}: ${signal}: ${why}.`, width, '    ', '  '));
  const far = scopes.filter(({ scope, wanted }) => wanted.length > 0 && !sameScope(scope, home)).map(({ scope }) => scopeKey(scope));
  const unheard = `Alarms there ring only where a rule forwards their events to the bus of ${scopeKey(home)}; the minute tick looks without them.`;
  return `${[
    ...parts,
    ...section('Without an alarm, and read every minute all the same', ...notes),
    ...section(`Not heard from here: ${far.join(', ')}`, far.length === 0 ? '' : wrap(unheard, width, '  ', '  ')),
    totals(scopes, width),
  ].join('\n\n')}\n`;
}

const marked = (standing: ScopeOfAlarms['wanted'][number]['standing']): string =>
  standing === 'missing' ? paint('green', 'missing') : standing === 'different' ? paint('yellow', 'different') : paint('dim', 'there');

function totals(scopes: readonly ScopeOfAlarms[], width: number): string {
  const all = scopes.flatMap(s => s.wanted);
  const todo = all.filter(({ standing }) => standing !== 'as it should be').length;
  const orphans = scopes.flatMap(s => s.orphans).length;
  const dollars = (all.reduce((sum, { input }) => sum + billedMetrics(input), 0) * CENTS_PER_METRIC) / 100;
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return wrap(
    `${count(all.length, 'alarm')}, about $${dollars.toFixed(2)} a month at list price (an alarm counts each metric of its expression); ` +
      `${todo} to be made or changed${todo > 0 ? ' with --create' : ''}, ${count(orphans, 'orphan')}.`,
    width,
  );
}

/** As a template's `Resources`, which CloudFormation and SAM take as JSON. */
export function cloudFormation(inputs: readonly AlarmInput[]): string {
  const Resources = Object.fromEntries(
    inputs.map(input => [`EbbtideAlarm${fingerprint(input.AlarmName)}`, { Type: 'AWS::CloudWatch::Alarm', Properties: input }]),
  );
  return `${JSON.stringify({ Resources }, null, 2)}\n`;
}

export const doneText = (done: readonly Done[]): string =>
  done.map(({ scope, alarm, did, failed }) => `${failed === null ? did : `not ${did}: ${failed}`}  ${scope}  ${alarm}\n`).join('');
