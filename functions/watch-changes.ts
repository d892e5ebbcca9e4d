/** EC2 state changes and CloudTrail → ledger and memory: closes meters, remembers what people did by hand. It writes nothing to EC2. */
import type { LedgerRow } from '../shared/model/ledger.ts';
import { parseEvent } from '../shared/runtime/events.ts';
import { outside } from '../shared/runtime/outside.ts';
import { stack } from '../shared/runtime/stack.ts';
import { tables } from '../shared/runtime/tables.ts';
import { testifyCall, testifyState } from '../shared/runtime/testify.ts';

export interface WatchAnswer {
  /** Rows that were not on record before; a second delivery of an event writes none. */
  readonly written: readonly LedgerRow[];
  /** Why nothing was looked at, when the event was read and bears on nothing here. */
  readonly ignored: string | null;
  /** Why the event could not be read; a retry would read no more of it, so it is answered and not thrown. */
  readonly unreadable?: string;
}

export const handler = stack('watch-changes', async (input: unknown, _context, telemetry): Promise<WatchAnswer> => {
  const event = parseEvent(input);
  switch (event.kind) {
    case 'unreadable':
      telemetry.count('UnreadableEvent');
      telemetry.error('an event could not be read', { why: event.why, event: input });
      return { written: [], ignored: null, unreadable: event.why };
    case 'instance-state': {
      telemetry.correlate(event.id);
      const written = await testifyState(event, await tables(), outside().now());
      telemetry.info(`${event.instanceId} ${event.state}`, { at: event.at, enrolled: written !== null, written: written ?? [] });
      return { written: written ?? [], ignored: written === null ? `${event.instanceId} is not enrolled` : null };
    }
    case 'api-call': {
      telemetry.correlate(event.id);
      const written = await testifyCall(event, await tables(), outside().now());
      const { call, by, changeIds, instanceIds, errorCode } = event;
      telemetry.info(`${call} by ${by.name}`, { at: event.at, changeIds, instanceIds, errorCode, written });
      return { written, ignored: null };
    }
    default:
      return { written: [], ignored: `a ${event.kind} event bears on no meter` };
  }
});
