/** A played plot as a story: who stood there, what people did, what went wrong, what the house wrote and said. The same for the same seed, to the byte. */

import { isOurs, nameOf, signatures, targetsOf } from '../judges/facts.ts';
import type { Violation } from '../judges/verdict.ts';
import type { Evidence } from './evidence.ts';
import type { Deed, Plot } from './plot.ts';

interface Line {
  readonly at: string;
  readonly text: string;
}

export function tale(evidence: Evidence, violations: readonly Violation[]): string {
  const lines = [...happened(evidence), ...violations.map(v => ({ at: v.at, text: `✗ ${v.promise}: ${v.what}` }))];
  const told = lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ at, text }) => `${at}  ${text}`);
  return [...opening(evidence.plot), '', ...told, ''].join('\n');
}

function opening({ seed, from, calm, end, timeZone, boxes, fleets, rules, spells }: Plot): string[] {
  const hours = rules.hours.map(p => `${p.weekdays} ${p.begin}–${p.end}`).join(', ');
  return [
    `Seed ${seed}: from ${from}, troubled until ${calm}, calm until ${end}. Office hours in ${timeZone}: ${hours}.`,
    `Budget ${rules.budget === null ? 'ample' : JSON.stringify(rules.budget)}, ${rules.idleHours === null ? 'no rule of idleness' : `idle after ${rules.idleHours} h`}${rules.hibernate ? ', hibernating' : ''}, fleets up to ${rules.fleetMax}${rules.fleetsFollow === undefined ? '' : ' by signals'}, tags ${rules.tags ? 'required' : 'free'}.`,
    ...boxes.map(
      b =>
        `${b.id}: ${b.kind}, ${b.type}, ${b.load}, ${Object.entries(b.tags)
          .map(([k, v]) => `${k}=${v}`)
          .join(' ')}`,
    ),
    ...fleets.map(
      f => `${f.id}: ${f.kind}, ${f.minSize} ≤ ${f.desiredCapacity} ≤ ${f.maxSize}, demand ${f.night.toFixed(1)} to ${f.day.toFixed(1)}`,
    ),
    ...spells.map(s => `${s.id}: ${s.kind}, ${s.from} to ${s.to}, ${s.share * 100} % of occasions`),
  ];
}

function happened(evidence: Evidence): Line[] {
  const { cloud, done, answers, visits, hits, told, ids } = evidence;
  const known = new Set(ids.values());
  const names = (all: readonly string[]) => all.map(id => nameOf(evidence, id)).join(', ');
  return [
    // What was answered is told as an answer.
    ...done
      .filter(({ deed, refused }) => refused !== null || !/^(presses|commands|asks)$/.test(deed.does))
      .map(({ at, deed, refused }) => ({
        at,
        text: `${UNASKED.has(deed.does) ? 'AWS' : 'somebody'} ${deedText(deed)}${refused === null ? '' : ` (refused: ${refused})`}`,
      })),
    ...answers.map(a => ({
      at: a.at,
      text: `${a.by} ${a.button === null ? 'asks for' : `presses "${a.button}", which is`} ${a.wants} of ${names([a.box])}${a.again ? ', again' : ''}${a.may ? '' : ', which is not theirs to say'}: ${a.heard}${a.words === '' ? '' : ` (${a.words.split('\n')[0]})`}`,
    })),
    ...cloud.record.writes.filter(isOurs).map(w => ({
      at: w.at,
      text: `we ${w.action} ${names(targetsOf(w))}${w.error === null ? '' : ` → ${w.error}`}${w.changed.length === 0 ? ' (no change)' : ''} ${signatures(w).join(' ')}`,
    })),
    ...cloud.record.transitions
      .filter(t => known.has(t.instance) && t.from !== null)
      .map(t => ({ at: t.at, text: `  ${names([t.instance])} is ${t.to}` })),
    ...visits.filter(v => v.ended !== 'answered').map(v => ({ at: v.at, text: `⚡ ${v.function} ${v.ended}` })),
    ...[...Map.groupBy(hits, h => `${h.spell} ${h.kind} ${h.what}`).values()].map(same => ({
      at: same[0]?.at ?? '',
      text: `⚡ ${same[0]?.spell}: ${same[0]?.kind} of ${same[0]?.what}${same.length > 1 ? `, ${same.length} times until ${same.at(-1)?.at}` : ''}`,
    })),
    ...told.map(({ at, body }) => ({ at, text: `Slack is told: ${String((JSON.parse(body) as { text: string }).text).split('\n')[0]}` })),
  ];
}

const UNASKED: ReadonlySet<Deed['does']> = new Set(['interrupts', 'lacks', 'impairs', 'announces', 'troubles']);

function deedText(deed: Deed): string {
  const { id: _id, at: _at, does, ...rest } = deed;
  return `${does} ${Object.values(rest)
    .map(value => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
    .join(' ')}`.trim();
}
