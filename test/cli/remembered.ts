/** What no emulator can bring about: a claim that nobody settled, starts that fail, a fleet that was changed a minute ago. */
import { fleetKey, instanceKey, pendingKey, shelfOf } from '../../shared/memory/shelves.ts';
import type { FleetMemory, InstanceMemory, PendingChange } from '../../shared/model/memory.ts';
import { changeId } from '../../shared/model/plan.ts';
import type { Memory } from '../../shared/model/ports.ts';
import { addSeconds, HOUR, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { type Cast, type Clockwork, HOME } from './account.ts';

const scope = { account: '123456789012', region: HOME };
const baseline = (at: Instant) => ({ kind: 'unknown', why: 'younger-than-four-weeks', frozenAt: at }) as const;

export async function remembered(memory: Memory, cast: Cast, { evening, morning }: Clockwork): Promise<void> {
  const now = instant(Date.now());
  const on = (pen: Parameters<typeof shelfOf>[0], key: string, value: unknown) =>
    memory.write(shelfOf(pen, scope), { key, value, version: 0 });
  const boxes = (id: string | undefined, value: InstanceMemory) => on('stop-start-instances', instanceKey(String(id)), value);
  const fleets = (name: string, value: Partial<FleetMemory>) =>
    on('resize-fleets', fleetKey(name), { ...FLEET, enrolledAt: now, baseline: baseline(now), ...value });

  const [failing, starting] = cast.halted;
  const asked = addSeconds(morning, -MINUTE);
  const begin = addSeconds(morning, -90 * MINUTE);
  const stop = { changeId: 'chg-stopped', at: now, because: 'off-hours', meterId: 'mtr-stopped' } as const;
  const box = { enrolledAt: now, baseline: baseline(now), stop, failedStop: null };
  const start = { changeId: 'chg-started', boundary: begin, at: asked };
  await boxes(failing, { ...box, start: { ...start, attempt: 2, failure: 'Server.InsufficientInstanceCapacity' } });
  await boxes(starting, { ...box, start: { ...start, attempt: 1, failure: null } });
  await fleets('web-cooling', { lastScaleInAt: addSeconds(evening, -MINUTE) });
  await fleets('web-warming', { lastScaleOut: { at: addSeconds(evening, -MINUTE), from: 3 } });

  const question = unsettled(cast.busy[0] ?? '', evening);
  await on('stop-start-instances', pendingKey(question.change.id), question);
}

const FLEET: Omit<FleetMemory, 'enrolledAt' | 'baseline'> = { lastScaleOut: null, lastScaleInAt: null, meter: null };

function unsettled(id: string, at: Instant): PendingChange {
  const resource = { kind: 'instance', id, name: null, scope } as const;
  const named = { resource, action: { kind: 'start-instance' }, expects: {}, causeAt: addSeconds(at, -HOUR), attempt: 1 } as const;
  const because = { code: 'released', stoppedAt: at, why: 'no-policy' } as const;
  const rest = { pen: 'stop-start-instances', because, policy: 'office', mode: 'act', saving: null, losing: [], owner: null } as const;
  return { claimedAt: at, change: { ...named, ...rest, id: changeId(named) } };
}
