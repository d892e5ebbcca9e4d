/** Asks before anything is changed. */
import { createInterface } from 'node:readline/promises';
import { Refusal } from './exit.ts';

/** @throws Refusal when nobody is there to ask, so that a script says yes on purpose. */
export function somebodyThere(yes: boolean | undefined): void {
  if (!yes && !process.stdin.isTTY) throw new Refusal('nobody is there to ask; look at the plan and add --yes');
}

/** @throws Refusal when the answer is anything but yes. */
export async function confirmed(question: string): Promise<void> {
  somebodyThere(false);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`\n${question} [y/N] `);
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('nothing was changed');
}
