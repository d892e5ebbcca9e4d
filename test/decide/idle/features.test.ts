/** What tells idle hours that last from idle hours that end, against a count hour by hour. */
import { describe, expect, test } from '@jest/globals';
import { type Activity, IDLE, IN_USE, NOT_KNOWN } from '../../../shared/decide/idle/activity.ts';
import { type Echoes, echoes } from '../../../shared/decide/idle/echoes.ts';
import { FEATURES, featuresOf } from '../../../shared/decide/idle/features.ts';
import shipped from '../../../shared/decide/idle/model.json' with { type: 'json' };

type Kind = 0 | 1 | 2;
const floor = { cpu: 1, cpuInUse: 2.5, net: null, netInUse: null };
const activity = (hours: readonly Kind[]): Activity => ({
  hours: Uint8Array.from(hours),
  height: Float32Array.from(hours, (hour, i) => (hour === IN_USE ? 0.1 + (i % 7) / 10 : -3.9 + ((i * 37) % 40) / 10)),
  floor,
});

/** The same hours each time: jobs at some hours, a little use in between, and hours that nobody measured. */
function hoursOf(n: number, job: (hour: number) => boolean, seed: number, share = 0.02, holes = 0.02): Kind[] {
  let state = seed;
  const chance = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: n }, (_, hour): Kind => {
    const [used, hole] = [chance() < share, chance() < holes];
    return hole ? NOT_KNOWN : job(hour) || used ? IN_USE : IDLE;
  });
}

const never = () => false;
const office = (hour: number) => hour % 24 >= 9 && hour % 24 < 17 && Math.floor(hour / 24) % 7 < 5;
const PASTS: readonly (readonly [string, readonly Kind[]])[] = [
  ['nothing', []],
  ['one hour', [IDLE]],
  ['one hour of use', [IN_USE]],
  ['use and quiet', [IN_USE, IDLE]],
  ['four hours', [IDLE, IN_USE, IDLE, IDLE]],
  ['less than a day', hoursOf(22, h => h === 0 || h === 9, 3)],
  ['a day and two hours', hoursOf(26, h => h === 0 || h === 9, 3)],
  ['thirty-two hours', hoursOf(32, h => h % 5 === 0, 4, 0, 0)],
  ['sixty-four hours', hoursOf(64, h => h % 9 === 0, 4, 0, 0)],
  ['a job every day', hoursOf(400, h => h % 24 === 2, 5)],
  ['a job every day, at its hour', hoursOf(24 * 16 + 2, h => h % 24 === 2, 5)],
  ['a job every 25 hours, before its hour', hoursOf(499, h => h % 25 === 0, 6, 0)],
  ['a job every 25 hours, just after', hoursOf(502, h => h % 25 === 0, 6)],
  ['a weekly job', hoursOf(673, h => h % 168 === 167, 7, 0)],
  ['office hours, in the evening', hoursOf(28 * 24 - 4, office, 8)],
  ['office hours, of which many were not measured', hoursOf(673, office, 9, 0.02, 0.5)],
  ['noise', hoursOf(600, never, 10, 0.3)],
  ['a lot of noise', hoursOf(673, never, 11, 0.8)],
  ['a little noise', hoursOf(673, never, 12, 0.004)],
  ['quiet', hoursOf(673, never, 13, 0)],
  ['quiet that is known through and through', hoursOf(673, never, 13, 0, 0)],
  ['quiet after a busy week', [...hoursOf(168, office, 14), ...hoursOf(480, never, 15, 0)]],
  ['always in use', hoursOf(300, () => true, 16, 0, 0)],
  ['a month that nobody measured', hoursOf(673, never, 17, 0, 1)],
];

describe('echoes', () => {
  const STRENGTHS = [0.6, 0.35, 0.2, 0.12, 0.06, 0.02];

  /** For every lag: of the past idle hours whose hour so far back was in use (or quiet), how many came to be in use. */
  function counted(hours: readonly Kind[], ahead: number) {
    const n = hours.length;
    const last = n - ahead;
    const used = Array.from({ length: Math.max(0, last + 1) }, (_, t) => hours.slice(t, t + ahead).includes(IN_USE));
    const past = [...used.keys()].filter(t => t >= Math.max(1, last - 504) && hours[t - 1] === IDLE);
    const base = (past.filter(t => used[t]).length + 0.3) / (past.length + 3);
    const cautious = (alike: readonly number[], side: number) => {
      const share = (alike.filter(t => used[t]).length + base) / (alike.length + 1);
      return Math.min(1, Math.max(0, share + side * Math.sqrt((share * (1 - share)) / (alike.length + 1))));
    };
    const now: number[] = [0, 0];
    let quietest = 1;
    const bands = new Map(past.map(t => [t, STRENGTHS.length]));
    for (let lag = ahead; lag <= Math.min(190, last); lag++) {
      const echoed = past.filter(t => t >= lag && used[t - lag]);
      const strength = cautious(echoed, -1);
      const band = STRENGTHS.filter(s => strength < s).length;
      for (const t of echoed) bands.set(t, Math.min(bands.get(t) ?? 0, band));
      if (used[n - lag]) now.push(strength);
      else
        quietest = Math.min(
          quietest,
          cautious(
            past.filter(t => t >= lag && !used[t - lag]),
            1,
          ),
        );
    }
    const [strongest = 0, second = 0] = now.sort((a, b) => b - a);
    const alike = past.filter(t => bands.get(t) === STRENGTHS.filter(s => strongest < s).length);
    const late = past.filter(t => t >= last - 120);
    const unannounced = past.filter(t => hours[t] === IN_USE && (bands.get(t) ?? 0) > 2);
    return {
      ...{ strongest, second, quietest },
      alike: { hours: alike.length, used: alike.filter(t => used[t]).length },
      surprises: {
        ...{ hours: past.length, lately: late.length, used: unannounced.length },
        usedLately: unannounced.filter(t => late.includes(t)).length,
      },
    };
  }

  test.each(PASTS)('of %s are as counted', (_name, hours) => {
    for (const ahead of [1, 4]) {
      const { strongest, second, quietest, ...rest } = counted(hours, ahead);
      expect(echoes(activity(hours), ahead)).toEqual({
        ...{ strongest: expect.closeTo(strongest, 9), second: expect.closeTo(second, 9), quietest: expect.closeTo(quietest, 9) },
        ...rest,
      });
    }
  });

  test('a job that runs every 25 hours is heard an hour later each day', () => {
    const jobs = hoursOf(500, h => h % 25 === 0, 1, 0, 0);
    expect(echoes(activity(jobs), 1).strongest).toBeGreaterThan(0.8); // hour 500 is the next job
    const quiet = echoes(activity(jobs.slice(0, 490)), 1);
    expect(quiet.strongest).toBeLessThan(0.05);
    expect(quiet.quietest).toBeLessThan(0.05);
  });
});

describe('features', () => {
  const NEVER_MEASURED = 0.5;

  /** Every feature by its name, from the hours themselves; the hour given is the first that is to come. */
  function named({ hours: typed, height }: Activity, hour: number, ahead: number, echo: Echoes): Record<(typeof FEATURES)[number], number> {
    const hours = [...typed];
    const n = hours.length;
    const lately = (count: number) => hours.slice(-count);
    const known = (count: number) => lately(count).filter(h => h !== NOT_KNOWN).length;
    const used = (count: number) => lately(count).filter(h => h === IN_USE).length;
    const base = (used(504) + 0.5) / (known(504) + 1);
    const prior = Math.min(1, ahead === 1 ? base : 2.5 * base);

    const weekday = (at: number) => new Date(at * 3_600_000).getUTCDay();
    const weekend = (at: number) => [0, 6].includes(weekday(at));
    const days = Array.from({ length: 28 }, (_, i) => i + 1).flatMap(day => {
      const from = n - 24 * day;
      const then = from < 0 ? [] : hours.slice(from, from + ahead).filter(h => h !== NOT_KNOWN);
      const alike = weekend(hour - 24 * day) === weekend(hour);
      const weight = 0.93 ** day * (alike ? 1 : 0.25) * (day % 7 === 0 ? 2 : 1);
      return then.length === 0 ? [] : [{ day, alike, weight, used: then.includes(IN_USE) ? 1 : 0 }];
    });
    const share = (of: readonly { readonly used: number; readonly weight: number }[]) => {
      const total = of.reduce((sum, { weight }) => sum + weight, 0);
      return (of.reduce((sum, d) => sum + d.weight * d.used, 0) + prior) / (total + 1);
    };
    const evenly = (of: typeof days) => share(of.map(d => ({ ...d, weight: 1 })));
    const ago = (day: number) => days.find(d => d.day === day)?.used ?? NEVER_MEASURED;

    const text = hours.join('');
    const idleHours = (/0*$/.exec(text)?.[0] ?? '').length;
    const runs = [...text.slice(-504).matchAll(/0+(?=1)/g)].map(([run]) => run.length);

    const heights = (count: number) => [...height].slice(-count).filter((_, i) => lately(count)[i] !== NOT_KNOWN);
    const top = (count: number) => Math.max(-4, ...heights(count));
    const hourOfDay = new Date(hour * 3_600_000).getUTCHours();
    return {
      ...{ idleHours, hoursSinceUse: n - 1 - hours.lastIndexOf(IN_USE) },
      ...{
        usualDaily: share(days),
        usualDayType: evenly(days.filter(d => d.alike)),
        usualWeekly: evenly(days.filter(d => d.day % 7 === 0)),
      },
      ...{ yesterday: ago(1), twoDaysAgo: ago(2), weekAgo: ago(7) },
      ...{ use3w: base, use1w: used(168) / Math.max(1, known(168)), use1d: used(24) / Math.max(1, known(24)) },
      ...{ echo: echo.strongest, echoSecond: echo.second, echoQuiet: echo.quietest },
      ...{ alikeUsed: (echo.alike.used + 0.2) / (echo.alike.hours + 2), alikeHours: echo.alike.hours },
      surprise3w: (echo.surprises.used + 0.3) / (echo.surprises.hours + 30),
      surprise5d: (echo.surprises.usedLately + 0.3) / (echo.surprises.lately + 30),
      runsEnded: (runs.filter(r => r >= idleHours && r < idleHours + ahead).length + 0.3) / (runs.filter(r => r >= idleHours).length + 1),
      runsThisLong: runs.filter(r => r >= idleHours).length,
      longestRun: runs.length === 0 ? 504 : Math.max(...runs),
      runsLonger: runs.filter(r => r >= idleHours + ahead).length,
      ...{ height1h: top(1), height3h: top(3), height12h: top(12), height48h: top(48) },
      meanHeight1d: heights(24).reduce((a, b) => a + b, 0) / Math.max(1, heights(24).length),
      nearUse2w: (heights(336).filter(h => h > Math.log(0.7)).length + 0.5) / (heights(336).length + 1),
      ...{ hourOfDay, dayOfWeek: (weekday(hour) + 6) % 7, weekendAhead: weekend(hour + ahead - 1) ? 1 : 0 },
      ...{ floorInUse: 2.5, notMeasured1w: 1 - known(168) / 168 },
    };
  }

  test.each(PASTS.filter((_, i) => i % 2 === 0 || i > 14))('of %s are as reckoned', (_name, hours) => {
    // A Monday, the last hours of a Friday, and a Saturday.
    for (const [hour, ahead] of [
      [485_280 + 16, 4],
      [485_280 + 4 * 24 + 22, 4],
      [485_280 + 5 * 24, 1],
    ] as const) {
      const { row, evidence } = featuresOf(activity(hours), hour, ahead);
      const expected = named(activity(hours), hour, ahead, evidence.echoes);
      expect(row).toHaveLength(FEATURES.length);
      for (const [i, name] of FEATURES.entries()) expect([name, row[i]]).toEqual([name, expect.closeTo(expected[name], 6)]);
    }
  });

  test('the calendar goes back beyond 1970 as well', () => {
    const { row } = featuresOf(activity([IDLE]), -5, 1);
    expect([row[FEATURES.indexOf('hourOfDay')], row[FEATURES.indexOf('dayOfWeek')]]).toEqual([19, 2]); // Wednesday, 19:00
    const week = featuresOf(activity([IDLE]), -24 * 4, 1).row;
    expect([row, week].map(r => r[FEATURES.indexOf('weekendAhead')])).toEqual([0, 1]); // a Saturday, the 27th
  });

  test('bring their evidence: hours idle, days like this one, and how many of them were in use', () => {
    const hours = hoursOf(24 * 14 + 12, office, 1, 0, 0);
    const { evidence } = featuresOf(activity(hours), 485_280 + 12, 4);
    expect(evidence).toMatchObject({ idleHours: 0, days: 10, daysUsed: 10, echoes: echoes(activity(hours), 4) });
    const evening = featuresOf(activity(hours.slice(0, -2).concat([IDLE, IDLE])), 485_280 + 20, 4).evidence;
    expect(evening.idleHours).toBe(2);
  });

  test('are those that the shipped model was learnt from', () => {
    expect(shipped.features).toEqual([...FEATURES]);
  });
});
