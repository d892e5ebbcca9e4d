/** What AWS does in a story, and nobody asked for. */
import { addSeconds, MINUTE } from '../../shared/model/time.ts';
import type { Cloud } from '../cloud.ts';
import type { Deed } from '../swarm/plot.ts';

/** @param id of the instance that it befalls. */
export function befall(
  { aws, now, record }: Cloud,
  deed: Extract<Deed, { does: 'interrupts' | 'lacks' | 'impairs' | 'announces' }>,
  id: string,
): void {
  if ('box' in deed && record.machine(id)?.terminatedAt !== null) return;
  switch (deed.does) {
    case 'interrupts':
      aws.interrupts(id);
      return;
    case 'lacks': {
      const { type, zone, minutes } = deed;
      aws.lacks({ type, ...(zone !== null && { zone }), from: now(), to: addSeconds(now(), minutes * MINUTE) });
      return;
    }
    case 'impairs':
      aws.impairs(id, deed.minutes * MINUTE);
      return;
    case 'announces':
      aws.announces(id, { code: 'instance-stop', notBefore: addSeconds(now(), deed.minutes * MINUTE) });
      return;
  }
}
