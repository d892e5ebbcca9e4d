/** The shortest story in which a promise is broken as it was, and the options by which it is played again. */
import { InvalidArgumentError } from 'commander';
import { instant } from '../../shared/model/time.ts';
import type { Violation } from '../../simulator/judges/verdict.ts';
import { type Cut, RULE_NAMES, type RuleName, type Span } from '../../simulator/swarm/cut.ts';
import type { Plot } from '../../simulator/swarm/plot.ts';
import { type Shrunk, shrink } from '../../simulator/swarm/shrink.ts';
import { runPlot } from './run-seed.ts';

export const shortestOf = (whole: Plot, begun: Cut, violation: Violation): Promise<Shrunk | null> =>
  shrink(whole, {
    begun,
    failsAt: async plot => {
      // A part that cannot be played is no shorter story.
      const outcome = await runPlot(plot, violation.promise === 'heals').catch(() => null);
      return outcome?.violations.find(other => kindOf(other) === kindOf(violation))?.at ?? null;
    },
    onTry: (tries, left) => process.stderr.write(`try ${tries}: ${left} parts\n`),
  });

/** The same sentence, of whatever thing, number and time: how many there are changes as a story is cut down, what goes wrong does not. */
export const kindOf = ({ promise, what }: Pick<Violation, 'promise' | 'what'>): string =>
  `${promise}: ${what.replace(/[\w.:-]*\d[\w.:-]*/g, '#').replace(/#(,? #)+/g, '#')}`;

/** `--keep box-2,fault-5 --until 2025-05-14T19:00:00Z --narrow fault-5@FROM/TO --usual tags`: reads the same way back. */
export function optionsOf({ plot, cut: { keep, narrow, usual } }: Shrunk): string {
  const narrowed = plot.spells.filter(({ id }) => narrow.has(id)).map(({ id, from, to }) => `${id}@${from}/${to}`);
  return [
    `--keep ${[...keep].join(',') || NOBODY}`,
    `--until ${plot.end}`,
    ...(narrowed.length > 0 ? [`--narrow ${narrowed.join(',')}`] : []),
    ...(usual.size > 0 ? [`--usual ${[...usual].join(',')}`] : []),
  ].join(' ');
}

const NOBODY = 'none';

export const idList = (text: string): ReadonlySet<string> => new Set(text === NOBODY ? [] : text.split(',').filter(Boolean));

export function narrowings(text: string): ReadonlyMap<string, Span> {
  return new Map(
    text.split(',').map(one => {
      const [, id, from, to] = /^([^@]+)@([^/]+)\/(.+)$/.exec(one) ?? [];
      if (id === undefined || from === undefined || to === undefined)
        throw new InvalidArgumentError(`"${one}" is not of the form fault-3@FROM/TO, with two instants.`);
      return [id, { from: instant(from), to: instant(to) }];
    }),
  );
}

export const ruleNames = (text: string): ReadonlySet<RuleName> =>
  new Set(
    text.split(',').map(name => {
      const known = RULE_NAMES.find(rule => rule === name.trim());
      if (known === undefined) throw new InvalidArgumentError(`"${name}" is none of: ${RULE_NAMES.join(', ')}.`);
      return known;
    }),
  );
