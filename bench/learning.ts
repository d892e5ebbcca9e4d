/**
 * What a fleet that follows signals costs to think about: minutes learned a second once three weeks are known, beside writing the same minutes
 * as JSON and reading them back, and the longest single minute, in which the rhythm is learned anew. `npm run bench:learning`
 * Ratios, since machines differ and are busy.
 */
import type { Service } from '../shared/decide/fleet/learner.ts';
import { hear, type Mind, type MinuteHeard } from '../shared/decide/fleet/mind.ts';

const DAY = 1440;
const KNOWN = 21 * DAY;
const MEASURED = 3 * DAY;
const service: Service = { utilization: 0.9, minutes: 0.01, boot: 3, lag: 1, min: 2, max: 200 };

/** A day and a week, a job each hour, and noise from the minute's own digits. */
function minuteOf(minute: number): MinuteHeard {
  const noise = ((minute * 2_654_435_761) % 1000) / 1000 - 0.5;
  const day = 1 + 0.5 * Math.sin((2 * Math.PI * (minute % DAY)) / DAY) - (minute % (7 * DAY) < 2 * DAY ? 0.3 : 0);
  const demand = 20 * day * (1 + 0.1 * noise) + (minute % 60 < 6 ? 8 : 0);
  return { minute, readings: [{ kind: 'cpu', of: 'instance', full: 100, value: Math.min(100, (demand / 50) * 100) }], carriers: 50 };
}

const minutes = Array.from({ length: KNOWN + MEASURED }, (_, i) => minuteOf(28_000_000 + i));
let mind: Mind | null = null;
let longest = 0;
let decided = 0;

const learn = (some: readonly MinuteHeard[]) => {
  for (const minute of some) {
    const begun = performance.now();
    const heard = hear(mind, minute, service);
    mind = heard?.mind ?? mind;
    decided += heard?.capacity === null ? 0 : 1;
    longest = Math.max(longest, performance.now() - begun);
  }
};

learn(minutes.slice(0, KNOWN));
longest = 0;
const thinking = timed(() => learn(minutes.slice(KNOWN)));
const copying = timed(() => minutes.slice(KNOWN).map(minute => JSON.parse(JSON.stringify(minute))));

console.log(`Node ${process.version}: ${MEASURED} minutes of one fleet after ${KNOWN / DAY} days of it, ${decided} minutes decided in all`);
console.log(`minutes learned and decided a second   ${Math.round((MEASURED / thinking) * 1000)}`);
console.log(`time beside a JSON copy of the minute  ${(thinking / copying).toFixed(1)} times`);
console.log(`the longest minute (a daily refit)     ${(longest / (thinking / MEASURED)).toFixed(0)} times the mean`);

function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}
