/** Whether a request is Slack's own: HMAC-SHA256 over its raw body, by the signing secret (docs.slack.dev/authentication/verifying-requests-from-slack). */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's own advice: whoever repeats a request later than this is not Slack. */
const WINDOW_SECONDS = 300;

export interface Signed {
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  /** As it came, byte for byte: a body that was parsed and written again has another signature. */
  readonly body: Uint8Array;
}

/** @returns `null` where it is Slack's; else why it is not, for the log and for nobody else. */
export function whyNotSlack({ signature, timestamp, body }: Signed, secret: string, nowSeconds: number): string | null {
  if (signature === undefined || timestamp === undefined) return 'it is not signed';
  if (!/^\d{1,12}$/.test(timestamp)) return 'its timestamp is no number of seconds';
  const age = Math.abs(nowSeconds - Number(timestamp));
  if (age > WINDOW_SECONDS) return `its timestamp is ${age} seconds off`;
  return isEqual(signature, signatureOf(secret, timestamp, body)) ? null : 'its signature is not the one of its body';
}

const signatureOf = (secret: string, timestamp: string, body: Uint8Array | string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;

/** In constant time; only the length, which is no secret, is compared openly. */
function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
