/** Which reasons such an account can show, and why the others cannot be seen there. A new code has to be placed here before it compiles. */
import type { ChangeReason, LeftReason } from '../../shared/model/plan.ts';

const SHOWN = 'shown';
const STORY = 'played in test/stories/fleet-sizes.test.ts: moto neither acts on its groups nor lets a launch fail';
const FORECAST = 'played in test/stories/fleet-forecast.test.ts: a forecast is learned minute by minute';
const BEANSTALK = 'played in test/stories/beanstalk.test.ts: environments of moto own no groups';
const FORCE = 'played in test/stories/enforced.test.ts: no policy of that account enforces or retains';
const NOTICE = 'played in test/stories/idle-notice.test.ts: no policy of that account gives notice';
const WISHES = 'played in test/stories/wishes.test.ts: nobody asks for anything in that account';
const STARTS = 'played in test/stories/starts.test.ts: status checks of moto pass at once';
const TYPES = 'played in test/stories/types.test.ts: weeks of load, and starts that fail';
const PREFLIGHT = 'played in test/stories/preflight.test.ts: moto announces no maintenance and lends no credits';
const TAGS = 'played in test/stories/tags.test.ts: no policy of that account puts anything right by itself';
const LEARNED = 'played in test/stories/idle.test.ts: what is learned takes weeks of metrics, which moto does not make up';
const DEADLINE = 'played in test/stories/tag-deadlines.test.ts: days go by';
const CHANGE: Readonly<Record<ChangeReason['code'], string>> = {
  ...{ 'idle-learned': LEARNED, 'ahead-of-use': LEARNED },
  ...{ 'off-hours': SHOWN, 'on-hours': SHOWN, idle: SHOWN, 'above-target': SHOWN, 'below-target': SHOWN, 'outside-bounds': SHOWN },
  ...{ 'tags-missing': SHOWN, released: SHOWN, 'tags-completed': SHOWN },
  ...{ floor: STORY, 'floor-released': STORY, forecast: FORECAST },
  'tag-deadline': DEADLINE,
  ...{ 'tags-fixed': TAGS, 'tags-accepted': TAGS, 'mark-lifted': TAGS },
  ...{ rightsize: TYPES, 'fallback-type': TYPES, 'type-restored': TYPES, 'resize-undone': TYPES },
  asked: WISHES,
  enforced: FORCE,
};
const LEFT: Readonly<Record<LeftReason['code'], string>> = {
  ...{
    learning: LEARNED,
    'above-floor': LEARNED,
    'likely-soon': LEARNED,
    'idle-unconfirmed': LEARNED,
    'just-woken': LEARNED,
    'other-use': LEARNED,
  },
  ...{ 'no-policy': SHOWN, 'opted-out': SHOWN, 'over-budget': SHOWN, breaker: SHOWN, gone: SHOWN, unsettled: SHOWN, 'bad-tag': SHOWN },
  ...{ kept: SHOWN, spot: SHOWN, member: SHOWN, 'instance-store-data': SHOWN, 'stop-protected': SHOWN, 'stop-protection-unread': SHOWN },
  ...{ 'on-hours-now': SHOWN, 'started-by-hand': SHOWN, 'stopped-by-someone': SHOWN, asleep: SHOWN, 'in-transition': SHOWN },
  ...{ 'start-failing': SHOWN, 'in-use': SHOWN, 'thin-data': SHOWN, 'just-started': SHOWN, 'not-measured': SHOWN },
  ...{ 'on-target': SHOWN, 'at-max': SHOWN, 'at-min': SHOWN, 'cooling-down': SHOWN, 'warming-up': SHOWN, confirming: SHOWN },
  ...{ 'silent-metric': SHOWN, suspended: SHOWN, 'beanstalk-owned': SHOWN, 'aws-scaling-policies': SHOWN, 'bounds-contradict': SHOWN },
  untagged: DEADLINE,
  ...{ compliant: SHOWN, 'just-born': SHOWN, marked: SHOWN, 'parent-owns-tags': SHOWN, 'tag-limit': SHOWN, 'tags-unread': TAGS },
  ...{ 'fleet-asleep': STORY, 'floor-holds': STORY, 'floor-resting': STORY, 'scale-in-protected': STORY, refreshing: STORY },
  'launch-failing': STORY,
  'as-forecast': FORECAST,
  snoozed: WISHES,
  'waits-for': 'played in test/stories/start-order.test.ts: nothing starts after anything in that account',
  ...{ 'notice-given': NOTICE, unanswered: NOTICE },
  retained: FORCE,
  ...{ booting: STARTS, 'started-ahead': STARTS },
  ...{ 'scheduled-event': PREFLIGHT, 'surplus-credits': PREFLIGHT, covered: PREFLIGHT },
  ...{ 'environment-busy': BEANSTALK, 'environment-unread': BEANSTALK, 'single-instance': BEANSTALK, 'pause-set': BEANSTALK },
  ...{ 'never-returns': BEANSTALK, 'tags-replace': BEANSTALK },
  'left-open': 'no schedule of that account leaves an hour open; test/decide/left-open.test.ts has one that does',
  'instance-store-root': 'the root device of every instance of moto is EBS, whatever its image says',
};

export const shown: readonly string[] = Object.entries({ ...CHANGE, ...LEFT })
  .filter(([, why]) => why === SHOWN)
  .map(([code]) => code)
  .sort();
