/** Whatever goes wrong while a type is changed: nothing is lost, nothing is done twice, and every machine comes back. */
import { expect, test } from '@jest/globals';
import { day } from '../support/story.ts';
import { play, TROUBLES } from './type-troubles.ts';

test.each(TROUBLES)('$name: every machine runs at nine, with its old type or the smaller one', async trouble => {
  expect(await play(day, trouble)).toEqual([]);
});
