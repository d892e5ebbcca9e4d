/** A connection that fails after the service has acted: the request arrives and takes effect, its answer never comes back. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Loses the answers to the next `count` requests of this client; the SDK's own retries are real. */
export function loseAnswers(client: DynamoDBClient, count: number): { readonly sent: () => number } {
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  let [left, sent] = [count, 0];
  requestHandler.handle = async (...request: Parameters<typeof handle>) => {
    sent += 1;
    const answer = await handle(...request);
    if (left === 0) return answer;
    left -= 1;
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
  };
  return { sent: () => sent };
}
