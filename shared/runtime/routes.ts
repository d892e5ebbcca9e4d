/** Who is told what: what wants an answer goes to whose it is, everything else to the channel of all. */
import type { Notice } from '../model/notice.ts';
import type { SlackConfig } from '../policy/schema.ts';
import { isEmail, isUserId } from './people.ts';

/** `person`: an e-mail address or a user id. */
export type Route =
  | { readonly to: 'all' }
  | { readonly to: 'team'; readonly team: string; readonly channel: string }
  | { readonly to: 'person'; readonly who: string };

const ALL: Route = { to: 'all' };

export function routeOf(notice: Notice, slack: SlackConfig): Route {
  switch (notice.kind) {
    case 'summary':
      if (notice.for === undefined) return ALL;
      return 'team' in notice.for ? teamOf(notice.for.team, slack) : { to: 'person', who: notice.for.owner };
    case 'idle-warning':
    case 'warning-withdrawn':
    case 'keep-over':
    case 'bad-tag':
    case 'tag-warning':
    case 'tag-offer':
    case 'proposal':
    case 'start-failing':
    case 'checks-failing':
      return ownersPlace(notice.owner, slack);
    case 'changes':
    case 'launch-failing':
    case 'launch-recovered':
    case 'over':
    case 'breaker':
      return ALL;
    default:
      notice satisfies never; // a later release's notice: said to everybody, or kept
      return ALL;
  }
}

const teamOf = (team: string, { teams = {} }: SlackConfig): Route => {
  const channel = teams[team];
  return channel === undefined ? ALL : { to: 'team', team, channel };
};

/** An owner may be a person, or a team that has a channel. */
function ownersPlace(owner: string | null, slack: SlackConfig): Route {
  if (owner === null) return ALL;
  const team = teamOf(owner, slack);
  if (team.to !== 'all') return team;
  return slack.owners === 'dm' && (isEmail(owner) || isUserId(owner)) ? { to: 'person', who: owner } : ALL;
}
