/** Who made what, kept on the tag pen's shelf for as long as somebody may be looked for. */
import { type Born, birthKey } from '../memory/shelves.ts';
import type { Doorbell } from '../model/doorbell.ts';
import { addSeconds, DAY } from '../model/time.ts';
import { policiesOf } from '../policy/match.ts';
import type { Run } from './run.ts';

/**
 * One item for one call, however many it made, and the same one for each copy of the event. It expires a day after the longest grace: by then
 * the marks that it could have spared somebody are over. What a service made by itself leads to nobody and is not kept.
 */
export async function rememberBirth({ memory, shelf, config, at }: Run, { look, birth, dedupId }: Doorbell): Promise<void> {
  if (birth === undefined || typeof look === 'string') return;
  const graces = policiesOf(config.policies, 'tags').map(policy => policy.grace.days);
  if (graces.length === 0 || (birth.by.person === null && birth.by.service !== null)) return;
  const value: Born = { ids: look, birth };
  const expiresAt = addSeconds(birth.at, (Math.max(...graces) + 1) * DAY);
  if (expiresAt > at) await memory.write(shelf, { key: birthKey(dedupId), value, version: 0 }, { at, expiresAt });
}
