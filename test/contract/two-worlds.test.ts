import { afterAll, expect, test } from '@jest/globals';
import { moto } from '../support/moto.ts';
import { KNOWN, LINES_MAX } from './known.ts';
import { play } from './scenario.ts';
import { motoStage, virtualStage } from './stages.ts';

const server = await moto();
afterAll(() => server?.stop());
const withMoto = server === null ? test.skip : test;

withMoto(
  'moto and the virtual cloud answer the house alike, but for what is listed',
  async () => {
    if (server === null) return; // for the type's sake: skipped then
    const [theirs, ours] = [await play(await motoStage(server)), await play(virtualStage())];
    const questions = [...new Set([...theirs.keys(), ...ours.keys()])];
    const lines = questions.flatMap(question => differing(question, theirs.get(question), ours.get(question)));

    expect(lines.filter(line => !KNOWN.some(known => line.startsWith(known.where)))).toEqual([]);
    expect(KNOWN.filter(known => !lines.some(line => line.startsWith(known.where)))).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
    process.stderr.write(`contract: ${questions.length} answers compared with moto, ${lines.length} known differences\n`);
  },
  120_000,
);

/** One line for each leaf in which the answers differ. */
function differing(question: string, theirs: unknown, ours: unknown): string[] {
  if (isTree(theirs) && isTree(ours)) {
    const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
    return keys.flatMap(key => differing(`${question} › ${key}`, theirs[key], ours[key]));
  }
  const [a, b] = [JSON.stringify(theirs), JSON.stringify(ours)];
  return a === b ? [] : [`${question}: moto ${a}, virtual ${b}`];
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
