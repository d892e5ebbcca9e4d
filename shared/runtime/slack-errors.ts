/** Slack's error codes: whose matter they are, and what to do. Codes: docs.slack.dev/reference/methods/chat.postMessage. */

/**
 * `message`: another message would pass · `settings`: none will until somebody changes something · `slack`: Slack or the way there is
 * ill · `busy`: it asks to be left alone for a while.
 */
export type Blame = 'message' | 'settings' | 'slack' | 'busy';

export function blameOf(code: string, status: number): Blame {
  if (MESSAGE.has(code)) return 'message';
  if (SLACK.has(code) || code.startsWith('HTTP ') || status >= 500) return 'slack';
  return 'settings';
}

const MESSAGE: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_payload',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
]);

const SLACK: ReadonlySet<string> = new Set(['fatal_error', 'internal_error', 'request_timeout', 'rollup_error', 'service_unavailable']);

/** The place is wrong and not the way there: another channel would take it. */
export const isOfPlace = (code: string | null): boolean => code !== null && PLACE.has(code);

const PLACE: ReadonlySet<string> = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'user_not_found',
  'users_not_found',
  'cannot_dm_bot',
  'user_disabled',
  'messages_tab_disabled',
  'restricted_action',
]);

/** What somebody can do about it; `null` where the code says it all or nothing helps. */
export const remedyFor = (code: string): string | null => REMEDIES.get(code) ?? null;

const TOKEN = 'put a valid bot token into the SSM parameter slack/bot-token';
const WEBHOOK = 'make a new incoming webhook and put its URL into the SSM parameter slack/webhook';
const CHANNEL = 'check the channel in config/slack.yml; a private one must have invited the app';

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['invalid_auth', TOKEN],
  ['not_authed', TOKEN],
  ['token_revoked', TOKEN],
  ['token_expired', TOKEN],
  ['account_inactive', TOKEN],
  ['missing_scope', 'give the app the scopes of config/slack-manifest.yml and install it again'],
  ['channel_not_found', CHANNEL],
  ['not_in_channel', 'invite the app to the channel'],
  ['user_not_found', 'the owner is no user of this workspace any more'],
  ['users_not_found', 'no user of this workspace has that e-mail address'],
  ['cannot_dm_bot', 'the owner is a bot'],
  ['user_disabled', 'the owner’s account is deactivated'],
  ['is_archived', 'unarchive the channel or name another one in config/slack.yml'],
  ['channel_is_archived', WEBHOOK],
  ['no_service', WEBHOOK],
  ['no_team', WEBHOOK],
  ['invalid_token', WEBHOOK],
]);
