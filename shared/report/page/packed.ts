/** Actions as they are carried in the file: each text once, and a number wherever it stands. Thousands of rows say much the same. */
import type { PageAction, PageData, PageRow } from './data.ts';

export type PackedData = Omit<PageData, 'actions'> & { readonly texts: readonly string[]; readonly actions: readonly PackedAction[] };

/** `at, by, what, resource, id, outcome, why` by their text; then the rest as it is, and the rows, all of them texts. */
type PackedAction = readonly [
  words: readonly number[],
  belongs: readonly [team: number, policy: number, account: number, owner: number],
  bad: 0 | 1,
  low: number | null,
  high: number | null,
  rows: readonly (readonly number[])[],
];

export function packed({ actions, ...data }: PageData): PackedData {
  const numbers = new Map<string, number>();
  const number = (text: string): number => {
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  };
  const pack = ({
    at,
    by,
    what,
    resource,
    id,
    outcome,
    why,
    bad,
    low,
    high,
    rows,
    team,
    policy,
    account,
    owner,
  }: PageAction): PackedAction => [
    [at, by, what, resource, id, outcome, why].map(number),
    [team, policy, account, owner],
    bad ? 1 : 0,
    low,
    high,
    rows.map(row => row.map(number)),
  ];
  const all = actions.map(pack);
  return { ...data, texts: [...numbers.keys()], actions: all };
}

export function unpacked({ texts, actions, ...data }: PackedData): PageData {
  const unpack = ([words, [team, policy, account, owner], bad, low, high, rows]: PackedAction): PageAction => {
    const [at, by, what, resource, id, outcome, why] = words.map(n => texts[n]);
    const said = { at, by, what, resource, id, outcome, why } as Pick<
      PageAction,
      'at' | 'by' | 'what' | 'resource' | 'id' | 'outcome' | 'why'
    >;
    return {
      ...said,
      team,
      policy,
      account,
      owner,
      bad: bad === 1,
      low,
      high,
      rows: rows.map(row => row.map(n => texts[n]) as unknown as PageRow),
    };
  };
  return { ...data, actions: actions.map(unpack) };
}
