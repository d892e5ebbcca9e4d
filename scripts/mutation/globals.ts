/**
 * As much of `@jest/globals` as the tests of the pure rooms use, run in this very process. jest evaluates the module graph anew for every
 * test file, which is right for tests and hopeless for a thousand mutants: here it is evaluated once.
 */
import { expect } from 'expect';
import { bind } from 'jest-each';
import { fn, spyOn } from 'jest-mock';

type Body = () => unknown;
export interface Case {
  /** File, blocks and name: the same in every run. */
  readonly id: string;
  readonly body: Body;
  readonly within: readonly Block[];
}

interface Block {
  readonly name: string;
  readonly beforeAll: Body[];
  readonly afterAll: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
}

const newBlock = (name: string): Block => ({ name, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] });

let cases: Case[] = [];
let open: Block[] = [];

/** Imports a test file and returns what it declares. */
export async function collect(name: string, load: () => Promise<unknown>): Promise<readonly Case[]> {
  cases = [];
  open = [newBlock(name)];
  await load();
  return cases;
}

const declare = (name: string, body: Body): void =>
  void cases.push({ id: [...open.map(block => block.name), name].join(' › '), body, within: [...open] });

function block(name: string, declared: Body): void {
  open.push(newBlock(name));
  declared();
  open.pop();
}

const hook = (kind: Exclude<keyof Block, 'name'>) => (body: Body) => void open.at(-1)?.[kind].push(body);

export const beforeAll = hook('beforeAll');
export const afterAll = hook('afterAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');
export const test = Object.assign(declare, { each: bind(declare as never, false) });
export const it = test;
export const describe = Object.assign(block, { each: bind(block as never, false) });
export const jest = { fn, spyOn };
export { expect };

/** Runs the cases in order, each with its hooks, until one fails and `bail` is set. @returns the error of each that ran, `null` where it passed. */
export async function run(
  chosen: readonly Case[],
  { bail, before }: { readonly bail: boolean; readonly before: (id: string) => void },
): Promise<Map<string, { error: Error | null; ms: number }>> {
  const results = new Map<string, { error: Error | null; ms: number }>();
  const entered: Block[] = [];
  const leaveUntil = async (within: readonly Block[]) => {
    while (entered.length > 0 && !within.includes(entered.at(-1) as Block))
      for (const after of entered.pop()?.afterAll ?? []) await after();
  };
  for (const { id, body, within } of chosen) {
    const begun = performance.now();
    before(id);
    const error = await attempt(async () => {
      await leaveUntil(within);
      for (const inner of within.filter(b => !entered.includes(b))) {
        entered.push(inner);
        for (const first of inner.beforeAll) await first();
      }
      for (const each of within.flatMap(b => b.beforeEach)) await each();
      await body();
    });
    const tidied = await attempt(async () => {
      for (const each of within.toReversed().flatMap(b => b.afterEach)) await each();
    });
    results.set(id, { error: error ?? tidied, ms: performance.now() - begun });
    if (bail && (error ?? tidied) !== null) break;
  }
  await attempt(() => leaveUntil([]));
  return results;
}

async function attempt(act: () => Promise<void>): Promise<Error | null> {
  try {
    await act();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
