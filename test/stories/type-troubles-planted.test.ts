/** The judge of type changes is judged itself: with a bug in the house it must find something. */
import { expect, jest, test } from '@jest/globals';
import type { Verdict } from '../../shared/decide/rules/rule.ts';
import { play, TROUBLES } from './type-troubles.ts';

const retype = await import('../../shared/decide/rules/retype.ts');
jest.unstable_mockModule('../../shared/decide/rules/retype.ts', () => ({
  ...retype,
  typeBefore: (...asked: Parameters<typeof retype.typeBefore>): Verdict | null => {
    const verdict = retype.typeBefore(...asked);
    return verdict !== null && 'act' in verdict && verdict.because.code === 'type-restored' ? null : verdict;
  },
}));
jest.resetModules();
const { day } = await import('../support/story.ts');

test('a smaller type that nobody takes back is found out', async () => {
  const trouble = TROUBLES.find(t => t.name === 'no capacity for the smaller type');
  if (trouble === undefined) throw new Error('no such trouble');
  const found = await play(day, trouble);
  expect(found).toContainEqual(expect.stringMatching(/did not come up as a m5\.large, and is still one$/));
  expect(found).toContainEqual(expect.stringMatching(/is stopped at nine$/));
});
