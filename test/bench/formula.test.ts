import { expect, test } from '@jest/globals';
import { parted, type Slack } from '../../bench/formula.ts';

const counts = new Map([
  ['StopInstances', 50],
  ['PutItem', 1_009],
  ['Query', 3],
]);

test('a bench says which calls are not as its formula says: too many, too few, never sent, and of another kind', () => {
  expect(parted(counts, { StopInstances: 50, PutItem: 1_009, Query: 3 })).toEqual([]);
  expect(parted(counts, { StopInstances: 49, PutItem: 1_010, GetItem: 1 })).toEqual([
    '50 StopInstances, not 49',
    '1009 PutItem, not 1010',
    '3 Query, not 0',
    '0 GetItem, not 1',
  ]);
});

test('a slack is allowed to its last call, and not one further', () => {
  const slack: Slack = (_call, expected) => (expected === null ? 3 : Math.floor(expected / 100));
  expect(parted(counts, { StopInstances: 50, PutItem: 1_000 }, slack)).toEqual([]);
  expect(parted(counts, { StopInstances: 51, PutItem: 998 }, slack)).toEqual([
    '50 StopInstances, not 51',
    '1009 PutItem, not 998 (9 more or less are allowed)',
  ]);
  expect(parted(new Map([['Query', 4]]), {}, slack)).toEqual(['4 Query, not 0 (3 more or less are allowed)']);
});
