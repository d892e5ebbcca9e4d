/**
 * What a person asked for, by a button or by the command. A wish is only as old as the world lets it be: who started the box after "stop it
 * now" was said, or stopped it after "start it now", has spoken last. No memory is needed for this, so a wish told twice does nothing twice.
 */
import type { Wish } from '../../model/memory.ts';
import type { Instance } from '../../model/observation.ts';
import type { ChangeReason } from '../../model/plan.ts';
import type { InstanceContext, Standing } from '../decide-instances.ts';
import { startAt } from './comes-back.ts';
import { type Act, leave, type Rule, type Verdict } from './rule.ts';
import { stopOf } from './stop-of.ts';

/** "Start it now", of a stopped box for which a policy speaks; retried like every start, until the wish is over. */
export function startAsked(instance: Instance, standing: Standing): Verdict | null {
  const { wish, memory, gate } = standing;
  if (wish?.want !== 'running' || wish.spentAt !== undefined || gate !== null) return null;
  const stoppedAt = instance.stoppedAt ?? memory?.stop?.at ?? wish.at;
  if (stoppedAt > wish.at) return null;
  const lastFailure = memory?.start?.boundary === wish.at ? memory.start.failure : null;
  return startAt(instance, standing, wish.at, asked(wish, lastFailure));
}

/** "Stop it now": a person's stop, so no schedule and no idleness is asked; what may not be stopped has been asked before. */
export const stopAsked: Rule<Instance, InstanceContext> = (instance, { wish, memory, policy, at }) => {
  if (wish?.want !== 'stopped' || wish.spentAt !== undefined || instance.launchedAt > wish.at) return null;
  const failed = memory.failedStop;
  return {
    act: stopOf(instance, { policy, memory, at }),
    because: asked(wish, null),
    causeAt: wish.at,
    expects: { launchedAt: instance.launchedAt },
    attempt: failed?.causeAt === wish.at ? failed.attempt + 1 : 1,
  };
};

/** Of what runs nothing is argued but a stop: the finding stands and is told, and only its stop is put off. */
export function putOff(act: Act, { wish, at }: Standing): Verdict {
  if (wish?.want !== 'snooze' || at >= wish.until) return act;
  return leave({ code: 'snoozed', until: wish.until, by: wish.by, would: act.because });
}

const asked = ({ by, via, at, why }: Wish, lastFailure: string | null): ChangeReason => ({ code: 'asked', by, via, at, why, lastFailure });
