/** Several at a time, and in some places one at a time. */

/** Batches under way at a time: each mostly waits for AWS, and its own steps stay in their order. */
const AT_A_TIME = 4;

/** When one throws, nothing new is begun, and what is under way comes to its end: no write goes on behind a run that has failed. */
export async function sideBySide<T>(items: readonly T[], act: (item: T) => Promise<void>, atATime = AT_A_TIME): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await act(item).catch((error: unknown) => {
        waiting.length = 0;
        throw error;
      });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atATime }, worker));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

/** What all of them came to; or the first error, once every one has ended, so that none goes on behind a run that has failed. */
export async function together<T>(underWay: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(underWay);
  return ended.map(end => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** A place where one stands at a time, in the order of coming. */
export class Line {
  #last: Promise<unknown> = Promise.resolve();

  /** Waits its turn, and acts. */
  stand<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
