/** Slack's presses, dialogs and commands → wishes on the shelves of the pens. It verifies, asks who may, and writes nothing to AWS. */
import { answerSlack, type HttpAnswer } from '../shared/runtime/answer.ts';
import { ownAccount, stack } from '../shared/runtime/stack.ts';

export const handler = stack(
  'answer-slack',
  (event: unknown, context, telemetry): Promise<HttpAnswer> => answerSlack(event, ownAccount(context), telemetry),
);
