/** Schedule tick · alarm · launch · tag change → doorbells: which pen should look at which account, region and fleet. */
import { scopeKey } from '../shared/model/ids.ts';
import { doorbells } from '../shared/runtime/doorbells.ts';
import { parseEvent } from '../shared/runtime/events.ts';
import { outside } from '../shared/runtime/outside.ts';
import { ring } from '../shared/runtime/queue.ts';
import { ownAccount, stack } from '../shared/runtime/stack.ts';

export interface DispatchAnswer {
  /** `resize-fleets 123456789012/eu-west-1 web-asg`, one a doorbell. */
  readonly rung: readonly string[];
  /** Why nothing was rung, when the event was read and concerns nobody. */
  readonly ignored: string | null;
  /** Why the event could not be read; a retry would read no more of it, so it is answered and not thrown. */
  readonly unreadable?: string;
}

export const handler = stack('dispatch', async (input: unknown, context, telemetry): Promise<DispatchAnswer> => {
  const event = parseEvent(input);
  if (event.kind === 'unreadable') {
    telemetry.count('UnreadableEvent');
    telemetry.error('an event could not be read', { why: event.why, event: input });
    return { rung: [], ignored: null, unreadable: event.why };
  }
  telemetry.correlate('id' in event ? event.id : `${event.pen} ${event.at}`);
  const rings = doorbells(event, outside().config(), ownAccount(context));
  await ring(rings.doorbells);
  const rung = rings.doorbells.map(
    ({ pen, scope, look }) => `${pen} ${scopeKey(scope)} ${typeof look === 'string' ? look : look.join(',')}`,
  );
  telemetry.info(rings.ignored ?? 'rung', { event: event.kind, at: event.at, rung });
  return { rung, ignored: rings.ignored };
});
