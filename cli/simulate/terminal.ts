/** The commands of people at a terminal, as a story plays them: what `ebb` does once its words are read and its reader has said yes. */
import { addSeconds, MINUTE } from '../../shared/model/time.ts';
import { scopesOf } from '../../shared/runtime/doorbells.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { COMMANDER } from '../../simulator/people/answers.ts';
import type { Terminal } from '../../simulator/people/terminal.ts';
import type { Spoken } from '../../simulator/swarm/plot.ts';
import { ask, type Wanted } from '../ask.ts';
import { setPause } from '../pausing.ts';
import { planOfRelease, releaseAll } from '../release.ts';

export const terminal: Terminal = {
  ask: async (account, id, words) => {
    if (words.verb === 'why') return false;
    const { how } = await ask(
      account,
      { id, wanted: wantedBy(words), by: COMMANDER, why: null },
      { progress: SILENT, confirm: async () => {} },
    );
    return how !== 'noted' || words.verb === 'keep' || words.verb === 'snooze';
  },
  release: async account => {
    const scopes = scopesOf(account.config, account.account);
    await planOfRelease(account, scopes, SILENT);
    await setPause('released: everything is given back');
    await releaseAll(account, scopes, addSeconds(outside().now(), WAIT), SILENT);
  },
};

/** As `ebb release` waits unless told otherwise. */
const WAIT = 15 * MINUTE;

const SILENT = { say: () => {}, done: () => {} };

function wantedBy({ verb, minutes }: Spoken): Wanted {
  if (verb === 'start') return { want: 'running' };
  if (verb === 'stop') return { want: 'stopped' };
  return { want: verb === 'keep' ? 'keep' : 'snooze', until: addSeconds(outside().now(), minutes * MINUTE) };
}
