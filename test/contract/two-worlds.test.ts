import { afterAll, expect, test } from '@jest/globals';
import { moto } from '../support/moto.ts';
import { type Answers, type Difference, differences } from './answers.ts';
import { playCarriers } from './carriers.ts';
import { excuses, KNOWN, LINES_MAX } from './known.ts';
import { play } from './scenario.ts';
import { playServices } from './services.ts';
import { motoStage, type Stage, virtualStage } from './stages.ts';

const server = await moto();
afterAll(() => server?.stop());
const withMoto = server === null ? test.skip : test;

const SCENARIOS: readonly ((stage: Stage) => Promise<Answers>)[] = [play, playCarriers, playServices];

withMoto(
  'moto and the virtual cloud answer the house alike, but for what is listed',
  async () => {
    if (server === null) return; // for the type's sake: skipped then
    const found: Difference[] = [];
    const all = new Map<string, unknown>();
    for (const scenario of SCENARIOS) {
      const [theirs, ours] = [await scenario(await motoStage(server)), await scenario(virtualStage())];
      found.push(...differences(theirs, ours));
      for (const [question, { answer }] of [...theirs, ...ours]) all.set(question, answer);
      await server.reset();
    }
    expect(found.filter(one => !KNOWN.some(known => excuses(known, one))).map(said)).toEqual([]);
    expect(KNOWN.filter(known => !found.some(one => excuses(known, one)))).toEqual([]);
    // Of what is alike: that it is no common silence.
    expect(all.get('one call for four kinds')).toEqual(Array(4).fill(['done', true]));
    expect(all.get('more than fifty')).toEqual(Array(2).fill(['refused', false]));
    expect(all.get('whose account')).toBe('210987654321');
    expect(all.get('its tags after an update')).toEqual({ owner: 'bob', centre: 'CC-1' });
    expect(found.length).toBeLessThanOrEqual(LINES_MAX);
    process.stderr.write(`contract: ${all.size} answers compared with moto, ${found.length} known differences\n`);
  },
  120_000,
);

const said = ({ line, operations }: Difference): string => `${line} (${[...new Set(operations)].join(', ')})`;
